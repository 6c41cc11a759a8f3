# attnbench in a container, for sweeps on many machines: docs/sweeps-kubernetes.md. Everything in it is pinned: Node by this
# tag, which a test compares with the lockfile, and all packages by the lockfile itself. A tag can be moved by whoever owns
# it, a digest cannot; to pin that too, ask for the digest once, keep it, and build with it:
#
#   docker buildx imagetools inspect node:26.10.0-bookworm-slim
#   docker build --build-arg BASE=node:26.10.0-bookworm-slim@sha256:DIGEST --tag attnbench:0.1.0 .
#
# Such an image runs without privileges, on a root file system that is read-only:
#
#   docker run --rm --init --read-only --tmpfs /tmp --cap-drop ALL --volume "$PWD:/work" attnbench:0.1.0 run
ARG BASE=node:26.10.0-bookworm-slim

FROM $BASE AS build
WORKDIR /attnbench
COPY package.json package-lock.json ./
# No package's script is run, neither now nor later.
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY . .
# What is built is all that is run. The image has Node: that of the lockfile would be a second one.
RUN npm run build \
  && npm prune --ignore-scripts --omit=dev --no-audit --no-fund \
  && rm -rf node_modules/node-linux-* node_modules/node-bin-* node_modules/.bin node_modules/.cache

FROM $BASE
ENV NODE_ENV=production
COPY --from=build /attnbench/package.json /attnbench/LICENSE /attnbench/
COPY --from=build /attnbench/node_modules /attnbench/node_modules
COPY --from=build /attnbench/dist /attnbench/dist
COPY --from=build /attnbench/src/launch.js /attnbench/src/
COPY --from=build /attnbench/src/launch /attnbench/src/launch
WORKDIR /work
# By number, so that a cluster can see that it is not root. Nothing of /attnbench is its own.
USER 1000:1000
ENTRYPOINT ["node", "/attnbench/src/launch.js"]
