/** A line from one point to another, `[x, y]`, y downwards. */
type Line = readonly [from: Point, to: Point];
type Point = readonly [x: number, y: number];

/** A shape within the circle of radius 1 around the origin: that circle itself, or lines. */
export type Shape = "circle" | readonly Line[];

/** The corners of a regular polygon, the first of them at an angle in degrees, clockwise from the right. */
function corners(count: number, first: number): readonly Point[] {
  return Array.from({ length: count }, (_, index) => {
    const angle = ((first + (360 * index) / count) * Math.PI) / 180;
    return [Math.cos(angle), Math.sin(angle)] as const;
  });
}

/** The lines through points in their order, and back to the first. */
function closed(points: readonly Point[]): readonly Line[] {
  return points.map((point, index) => [point, points[(index + 1) % points.length]] as const);
}

const [rightBottom, leftBottom, leftTop, rightTop] = corners(4, 45);
const [right, bottom, left, top] = corners(4, 0);

/** The shapes that are told apart; a label is an index. */
export const SHAPES: readonly Shape[] = [
  "circle",
  closed([leftTop, rightTop, rightBottom, leftBottom]), // square
  closed([top, right, bottom, left]), // diamond
  closed(corners(3, -90)), // triangle
  closed(corners(3, 90)), // triangle upside down
  [
    [left, right],
    [top, bottom],
  ], // plus
  [
    [leftTop, rightBottom],
    [leftBottom, rightTop],
  ], // saltire
  closed([leftTop, rightTop, leftBottom, rightBottom]), // hourglass
];

/** How far a point is from the nearest one of a shape's line. */
export function distanceToShape(shape: Shape, x: number, y: number): number {
  if (shape === "circle") return Math.abs(Math.sqrt(x * x + y * y) - 1);
  let nearest = Number.POSITIVE_INFINITY;
  for (const [[fromX, fromY], [toX, toY]] of shape) {
    const [alongX, alongY] = [toX - fromX, toY - fromY];
    const along = ((x - fromX) * alongX + (y - fromY) * alongY) / (alongX * alongX + alongY * alongY);
    const at = Math.min(1, Math.max(0, along));
    const [offX, offY] = [x - fromX - at * alongX, y - fromY - at * alongY];
    nearest = Math.min(nearest, offX * offX + offY * offY);
  }
  return Math.sqrt(nearest);
}
