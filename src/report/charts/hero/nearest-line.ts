// Runs in the page: imports nothing that needs Node.

/** A place in pixels. */
export interface Place {
  readonly x: number;
  readonly y: number;
}

/** The line that comes nearest to a place, if one does within `reach` pixels; null if none does. */
export function nearestLine<Key>(
  lines: ReadonlyMap<Key, readonly Place[]>,
  place: Place,
  reach: number,
): Key | null {
  let [nearest, least]: [Key | null, number] = [null, reach];
  for (const [key, points] of lines) {
    for (const [at, point] of points.entries()) {
      const distance = distanceTo(place, points[Math.max(0, at - 1)], point);
      if (distance < least) [nearest, least] = [key, distance];
    }
  }
  return nearest;
}

/** From a place to a straight piece of a line, which may be a point. */
function distanceTo(place: Place, from: Place, to: Place): number {
  const [across, down] = [to.x - from.x, to.y - from.y];
  const length = across ** 2 + down ** 2;
  const along = length === 0 ? 0 : ((place.x - from.x) * across + (place.y - from.y) * down) / length;
  const part = Math.min(1, Math.max(0, along));
  return Math.hypot(from.x + part * across - place.x, from.y + part * down - place.y);
}
