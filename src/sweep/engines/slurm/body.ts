/** Times that a task queues again in which nothing new was measured. */
const FRUITLESS = 5;
/** Times that a step is begun, while Slurm answers, before its shard has failed. */
const TRIES = 3;

/**
 * What a script does in each task, after the names that `script.ts` puts in front: `shards`, `tasks`, `cpus`, `attnbench`,
 * `directory`, `again`. `path` is its own, in the sweep's folder.
 */
export function body(path: string): string {
  return `
set -u
say() { echo "$(date +%FT%T) $*"; }

if ! cd -- "$SLURM_SUBMIT_DIR" || [[ ! -d shards || ! -d logs ]]; then
  say "this must be submitted in the sweep's folder: cd to it, and there sbatch ${path}"
  exit 2
fi
folder=$PWD
task=\${SLURM_ARRAY_JOB_ID}_$SLURM_ARRAY_TASK_ID
# A user's variables would hide tasks from squeue and scancel.
unset "\${!SQUEUE_@}" "\${!SCANCEL_@}"

# Slurm's notice: the step is told to keep what it has, once there is one that hears it. The task goes by this name, since
# its job's number may be the whole array's.
noticed= step= begun=$folder/logs/slurm-$task.begun
trap 'noticed=1; tell_step' USR1
tell_step() {
  [[ -z $step ]] && return
  until [[ -e $begun ]]; do
    kill -0 "$step" 2>/dev/null || return
    sleep 1
  done
  scancel --signal=TERM "$task"
}
# Slurm ends the task, and has told the step so as well: this has to outlive that.
ended=
trap 'ended=1' TERM

slurm_answers() { scontrol ping 2>/dev/null | grep -q "is UP"; }
# Without its controller no step begins and no task is queued again.
await_slurm() {
  until slurm_answers; do
    say "Slurm's controller does not answer; trying again in 10 s"
    sleep 10
  done
}

# Measures a shard. Its exit code is that of attnbench, which keeps what is measured and goes on with it when asked again.
measure() {
  local code tries
  for ((tries = 0; tries < ${TRIES}; )); do
    rm -f -- "$begun"
    (
      cd -- "$directory" &&
        exec srun --ntasks=1 --cpus-per-task="$cpus" --cpu-bind=cores \\
          bash -c ': >"$0" && exec "$@"' "$begun" "\${attnbench[@]}" sweep work "$folder" --shard "$1"
    ) </dev/null >>"logs/$1.log" 2>&1 &
    step=$!
    [[ -n $noticed ]] && tell_step
    # A signal cuts a wait short.
    while wait "$step"; kill -0 "$step" 2>/dev/null; do :; done
    wait "$step"
    code=$? step=
    if [[ -e $begun ]]; then
      rm -f -- "$begun"
      return "$code"
    fi
    [[ -n $noticed$ended ]] && return "$again"
    # Nothing was begun, which says nothing about the shard.
    if slurm_answers; then ((tries += 1)); sleep 5; else await_slurm; fi
  done
  return "$code"
}

# Bytes of results that this task's shards have.
measured() {
  local at file bytes=0
  for ((at = SLURM_ARRAY_TASK_ID; at < \${#shards[@]}; at += tasks)); do
    for file in "shards/\${shards[at]}.part.jsonl" "shards/\${shards[at]}.jsonl"; do
      [[ -f $file ]] && ((bytes += $(wc -c <"$file")))
    done
  done
  echo "$bytes"
}

before=$(measured) left= failed=
for ((at = SLURM_ARRAY_TASK_ID; at < \${#shards[@]}; at += tasks)); do
  if [[ -n $noticed$ended ]]; then left=1; break; fi
  shard=\${shards[at]}
  say "measuring $shard on $HOSTNAME"
  measure "$shard"
  code=$?
  if ((code == again)) || [[ $code != 0 && -n $noticed$ended ]]; then
    left=1
    say "$shard is to be gone on with"
  elif ((code != 0)); then
    failed=1
    say "$shard failed with code $code: logs/$shard.log says why"
  fi
done

if [[ -n $left ]]; then
  if ((\${SLURM_RESTART_COUNT:-0} >= ${FRUITLESS} && $(measured) <= before)); then
    say "nothing new was measured, and this is attempt \${SLURM_RESTART_COUNT}: left to attnbench sweep resume"
    exit 1
  fi
  await_slurm
  # One that was cancelled is COMPLETING, and would come back if it were queued again.
  state=$(squeue --noheader --jobs="$task" --format=%T)
  if [[ $state == RUNNING ]]; then
    say "queueing again for the rest"
    scontrol requeue "$task"
  fi
  exit "$again"
fi
[[ -z $failed ]]
`;
}
