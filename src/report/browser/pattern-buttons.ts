import type { View } from "vega";
import type { PatternCard, PatternCards } from "../charts/pattern-cards.ts";
import { plotOffset } from "./plot-offset.ts";

/** A panel of a chart, in the chart's own pixels. */
interface Panel {
  readonly name: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** A node of what Vega drew, as far as it is of use here. */
interface SceneNode {
  readonly items?: readonly SceneNode[];
  readonly name?: string;
  readonly x?: number;
  readonly y?: number;
  readonly width?: number;
  readonly height?: number;
  readonly datum?: { readonly panel?: unknown };
}

/**
 * Lays a button over each panel of a chart, which a keyboard reaches; a pointer goes through to the chart, whose tooltips it
 * shows, and a click on the panel is one on its button. To be placed again whenever the chart was drawn again.
 */
export function patternButtons(
  view: View,
  { cards }: PatternCards,
  container: HTMLElement,
  enlarge: (card: PatternCard) => void,
): { place(): void } {
  const layer = document.createElement("div");
  layer.className = "patterns";
  container.append(layer);
  const byPanel = new Map(
    cards.flatMap((card) =>
      [card.panel, ...(card.image === null ? [] : [card.image])].map((name) => [name, card]),
    ),
  );
  const buttons = new Map<string, HTMLButtonElement>();
  for (const [name, card] of byPanel) {
    const button = document.createElement("button");
    button.type = "button";
    button.setAttribute("aria-label", `enlarge ${name.replace(/,?\n/g, ", ")}`);
    button.addEventListener("click", () => enlarge(card));
    buttons.set(name, button);
  }

  function place(): void {
    const picture = container.querySelector("svg");
    if (picture === null) return;
    const scale = picture.getBoundingClientRect().width / Number(picture.getAttribute("width"));
    const panels = panelsIn(rootOf(view.scenegraph()));
    const [right, down] = plotOffset(view);
    for (const { name, x, y, width, height } of panels) {
      const style = buttons.get(name)?.style;
      if (style === undefined) continue;
      style.left = `${scale * (right + x)}px`;
      style.top = `${scale * (down + y)}px`;
      style.width = `${scale * width}px`;
      style.height = `${scale * height}px`;
    }
    const shown = panels.flatMap(({ name }) => buttons.get(name) ?? []);
    // Those in place stay: one of them may have the focus.
    if (shown.length !== layer.children.length || shown.some((one, at) => layer.children[at] !== one)) {
      layer.replaceChildren(...shown);
    }
  }

  container.addEventListener("click", ({ clientX, clientY, target }) => {
    if (layer.contains(target as Node)) return;
    const under = [...buttons.values()].find((button) => {
      const { left, right, top, bottom } = button.getBoundingClientRect();
      return left <= clientX && clientX <= right && top <= clientY && clientY <= bottom && button.isConnected;
    });
    under?.focus();
    under?.click();
  });
  new ResizeObserver(place).observe(container);
  return { place };
}

/** Vega's types call the root the scene graph. */
function rootOf(graph: object): SceneNode {
  return (graph as { readonly root: SceneNode }).root;
}

/** The panels of a chart that is drawn, from its upper left corner, in the order in which they are read. */
export function panelsIn(root: SceneNode): readonly Panel[] {
  const visit = (node: SceneNode, x: number, y: number): readonly Panel[] =>
    (node.items ?? []).flatMap((mark) =>
      (mark.items ?? []).flatMap((item): readonly Panel[] => {
        const [left, top] = [x + (item.x ?? 0), y + (item.y ?? 0)];
        const panel = item.datum?.panel;
        if (mark.name?.endsWith("cell") === true && typeof panel === "string") {
          return [{ name: panel, x: left, y: top, width: item.width ?? 0, height: item.height ?? 0 }];
        }
        return visit(item, left, top);
      }),
    );
  const [group] = root.items ?? [];
  return group === undefined ? [] : visit(group, 0, 0);
}
