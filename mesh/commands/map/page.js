"use strict";
// Folds, searches, zooms, and draws the arrows between what is visible. Without it, the page is still complete.
const view = document.getElementById("view"), room = document.getElementById("room"), canvas = document.getElementById("canvas");
const search = document.getElementById("search"), found = document.getElementById("found");
const domains = [...document.querySelectorAll(".domain")], flows = [...document.querySelectorAll(".flow")];
const SVG = "http://www.w3.org/2000/svg";
const narrow = matchMedia("(max-width: 45rem)");
let scale = 1, waiting = false, unfoldedBefore = null;

const edges = flows.flatMap((flow) => [...flow.querySelectorAll("a.reads, a.runs")].map((link) => {
  const other = document.getElementById(decodeURIComponent(link.hash.slice(1)));
  const runs = link.className === "runs";
  return { from: runs ? flow : other, to: runs ? other : flow, kind: link.className };
})).filter((edge) => edge.from && edge.to);

const picture = document.createElementNS(SVG, "svg");
picture.setAttribute("aria-hidden", "true");
canvas.append(picture);

function element(parent, name, attributes) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  parent.append(made);
  return made;
}

// The box at which arrows of a flow end: the flow's own, or that of its folded domain; null while a search hides it.
function shown(flow) {
  const domain = flow.closest(".domain");
  if (flow.classList.contains("hidden")) return null;
  return domain.open ? flow.firstElementChild : domain.firstElementChild;
}

function draw() {
  waiting = false;
  picture.replaceChildren();
  if (narrow.matches) { room.style.width = room.style.height = ""; return; }
  const origin = canvas.getBoundingClientRect();
  const boxes = new Map();
  const box = (summary) => {
    if (!boxes.has(summary)) {
      const at = summary.closest(".domain").getBoundingClientRect(), top = summary.getBoundingClientRect();
      boxes.set(summary, {
        left: (at.left - origin.left) / scale, right: (at.right - origin.left) / scale,
        middle: (top.top + top.height / 2 - origin.top) / scale,
      });
    }
    return boxes.get(summary);
  };
  const together = new Map(), numbers = new Map();
  const number = (one) => { if (!numbers.has(one)) numbers.set(one, numbers.size); return numbers.get(one); };
  const chosen = new Set(flows.filter((flow) => flow.open));
  for (const flow of flows) flow.classList.remove("near");
  for (const edge of edges) {
    const from = shown(edge.from), to = shown(edge.to);
    const near = chosen.has(edge.from) || chosen.has(edge.to);
    if (near) { edge.from.classList.add("near"); edge.to.classList.add("near"); }
    if (!from || !to || from === to) continue;
    const key = `${number(from)} ${number(to)}`;
    const line = together.get(key) || { from, to, kind: edge.kind, near: false };
    line.near = line.near || near;
    if (edge.kind === "reads") line.kind = "reads";
    together.set(key, line);
  }
  const marker = element(element(picture, "defs", {}), "marker",
    { id: "end", viewBox: "0 0 8 8", refX: 7, refY: 4, markerWidth: 7, markerHeight: 7, orient: "auto" });
  element(marker, "path", { d: "M0 0 8 4 0 8z" });
  for (const line of [...together.values()].sort((a, b) => a.near - b.near)) {
    const a = box(line.from), b = box(line.to);
    let path;
    if (b.left > a.right) {
      const bend = (b.left - a.right) / 2;
      path = `M${a.right} ${a.middle}C${a.right + bend} ${a.middle} ${b.left - bend} ${b.middle} ${b.left} ${b.middle}`;
    } else {
      const out = Math.max(a.right, b.right) + 45;
      path = `M${a.right} ${a.middle}C${out} ${a.middle} ${out} ${b.middle} ${b.right} ${b.middle}`;
    }
    element(picture, "path", { d: path, class: line.near ? `${line.kind} near` : line.kind, "marker-end": "url(#end)" });
  }
  room.style.width = `${canvas.offsetWidth * scale}px`;
  room.style.height = `${canvas.offsetHeight * scale}px`;
}

function redraw() {
  if (!waiting) { waiting = true; requestAnimationFrame(draw); }
}

function zoom(to, x = view.clientWidth / 2, y = view.clientHeight / 2) {
  const before = scale;
  scale = Math.min(3, Math.max(0.1, to));
  const left = (view.scrollLeft + x) * scale / before - x, top = (view.scrollTop + y) * scale / before - y;
  canvas.style.transform = `scale(${scale})`;
  draw();
  view.scrollTo(left, top);
}

function fold(open) {
  for (const domain of domains) domain.open = open;
  redraw();
}

const texts = new Map();
function text(flow) {
  if (!texts.has(flow)) {
    const around = [flow.closest(".domain").firstElementChild, flow.closest("section").firstElementChild, flow];
    texts.set(flow, `${flow.id} ${around.map((one) => one.textContent).join(" ")}`.toLowerCase());
  }
  return texts.get(flow);
}

function find() {
  const wanted = search.value.toLowerCase().split(/\s+/).filter(Boolean);
  if (wanted.length && !unfoldedBefore) unfoldedBefore = domains.filter((domain) => domain.open);
  let count = 0;
  for (const flow of flows) {
    const fits = wanted.every((word) => text(flow).includes(word));
    flow.classList.toggle("hidden", !fits);
    count += fits;
  }
  for (const domain of domains) {
    const any = domain.querySelector(".flow:not(.hidden)") !== null;
    domain.classList.toggle("hidden", !any);
    for (const section of domain.querySelectorAll("section")) section.classList.toggle("hidden", !section.querySelector(".flow:not(.hidden)"));
    if (wanted.length) domain.open = any;
    else if (unfoldedBefore) domain.open = unfoldedBefore.includes(domain);
  }
  for (const column of canvas.querySelectorAll(".column")) column.classList.toggle("hidden", !column.querySelector(".domain:not(.hidden)"));
  if (!wanted.length) unfoldedBefore = null;
  found.textContent = wanted.length ? `${count} of ${flows.length} flows` : "";
  redraw();
}

function visit() {
  const flow = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (!flow || !flow.classList.contains("flow")) return;
  if (flow.classList.contains("hidden")) { search.value = ""; find(); }
  flow.closest(".domain").open = true;
  flow.open = true;
  flow.scrollIntoView({ block: "center", inline: "center" });
  flow.firstElementChild.focus({ preventScroll: true });
  redraw();
}

document.getElementById("unfold").addEventListener("click", () => fold(true));
document.getElementById("fold").addEventListener("click", () => fold(false));
document.getElementById("in").addEventListener("click", () => zoom(scale * 1.25));
document.getElementById("out").addEventListener("click", () => zoom(scale / 1.25));
document.getElementById("fit").addEventListener("click", () => zoom(Math.min(1, (view.clientWidth - 4) / canvas.offsetWidth)));
search.addEventListener("input", find);
search.addEventListener("keydown", (event) => { if (event.key === "Escape") { search.value = ""; find(); } });
document.addEventListener("toggle", redraw, true);
document.addEventListener("keydown", (event) => {
  if (event.key === "/" && event.target !== search) { event.preventDefault(); search.focus(); }
});
view.addEventListener("wheel", (event) => {
  if (!event.ctrlKey || narrow.matches) return;
  event.preventDefault();
  const at = view.getBoundingClientRect();
  zoom(scale * Math.exp(-event.deltaY / 300), event.clientX - at.left, event.clientY - at.top);
}, { passive: false });
view.addEventListener("pointerdown", (event) => {
  if (event.button !== 0 || event.pointerType !== "mouse" || event.target.closest("details")) return;
  const from = { x: event.clientX + view.scrollLeft, y: event.clientY + view.scrollTop };
  const move = (moved) => view.scrollTo(from.x - moved.clientX, from.y - moved.clientY);
  view.setPointerCapture(event.pointerId);
  view.addEventListener("pointermove", move);
  view.addEventListener("pointerup", () => view.removeEventListener("pointermove", move), { once: true });
});
addEventListener("hashchange", visit);
addEventListener("resize", redraw);
addEventListener("beforeprint", () => { zoom(1); });
draw();
visit();
