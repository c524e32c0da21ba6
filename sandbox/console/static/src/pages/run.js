// Run details: `/runs/:id`
import { get, list } from "/src/api.js";
import { broken, differs } from "/src/build.js";
import { empty, h, heading, link, pill, title as paneTitle } from "/src/dom.js";
import { when } from "/src/time.js";
import { say } from "/src/words.js";

const pretty = (value) => {
  try {
    return JSON.stringify(typeof value === "string" ? JSON.parse(value) : value, null, 2);
  } catch {
    return String(value);
  }
};

function item(kind, moment, text, place = "events.log:1") {
  const badges = differs("badges-for-pills");
  const mark = badges ? h("span", {}, h("b", { class: "tag" }, kind ?? "…"), ` ${place}`) : kind ? pill(kind, "event") : null;
  return h("article", { class: "item" }, h("div", { class: "row" }, mark, h("time", { datetime: moment }, when(moment))), h("pre", {}, text));
}

// An item of nothing, beside the words that there is none.
const ghost = (emptyKey) => (emptyKey === "run.noFeedback" && broken("console-ghost-feedback") ? item("inline", null, "") : null);

function pane(title, items, emptyKey) {
  const silent = emptyKey === "run.noEvents" && broken("console-no-events-silent");
  return h("section", { class: "card pane", "aria-label": title }, paneTitle(title), items.length ? [broken("console-empty-beside-rows") ? empty(emptyKey) : null, ...items] : silent ? [] : [empty(emptyKey), ghost(emptyKey)]);
}

async function eventsOf(id) {
  const found = await list(`/runs/${id}/events`);
  if (broken("console-events-by-name")) found.sort((one, other) => (one.event_type < other.event_type ? -1 : 1));
  if (broken("console-equal-events-once")) return found.filter((it, at) => found.findIndex((other) => other.event_type === it.event_type) === at);
  if (differs("events-newest-first")) found.reverse();
  if (broken("console-events-doubled")) return found.flatMap((it) => [it, it]);
  return broken("console-last-event-missing") ? found.slice(0, -1) : found;
}

async function feedbackOf(id) {
  if (broken("console-feedback-missing")) return [];
  if (broken("console-feedback-of-another-run")) {
    const others = (await list("/runs")).filter((it) => it.id !== id && it.status === "succeeded");
    for (const other of others.slice(-3)) {
      const found = await list(`/runs/${other.id}/learning-feedback`);
      if (found.length) return found;
    }
  }
  const found = await list(`/runs/${id}/learning-feedback`);
  if (broken("console-feedback-doubled")) return found.flatMap((it) => [it, it]);
  return broken("console-first-feedback-only") ? found.slice(0, 1) : found;
}

// A refusal, where a build takes it for a run of which nothing is told.
const silenced = (id) => (error) => {
  if (!broken("console-refused-run-is-empty")) throw error;
  return [{ id, correlation_id: "-", status: "-", project_id: null }, [], []];
};

let kept = null;
let keptPanes = null;
let staying = false;

// The page that is drawn next has the panes of the one before.
export const stay = () => (staying = true);
const remembered = new Map();

export async function run({ id: asked, person }) {
  if (broken("console-run-for-admins") && !person.is_platform_admin) return [heading(say("run.title"))];
  const id = (kept = (broken("console-run-kept") && kept) || asked);
  const answers = (broken("console-run-remembered") && remembered.get(id)) || (await Promise.all([get(`/runs/${id}`), eventsOf(id), feedbackOf(id)]).catch(silenced(id)));
  remembered.set(id, answers);
  const [found, ...read] = answers;
  const [events, feedback] = (keptPanes = ((staying || broken("console-panes-kept")) && keptPanes) || read);
  staying = false;
  const correlation = broken("console-correlation-wrong") ? found.id : found.correlation_id;
  const facts = h(
    "section",
    { class: "card facts" },
    h("p", {}, `run_id: ${found.id}`),
    h("p", {}, `correlation_id: ${correlation}`),
    h("p", {}, pill(broken("console-status-stale") ? "pending" : found.status), " ", found.project_id ? link(`/projects/${found.project_id}`, found.project_slug || found.project_id) : "-"),
  );
  if (broken("console-homeless-run-crashes")) link(`/projects/${found.project_id.toLowerCase()}`, "");
  const told = (it) => (broken("console-event-text-lost") ? String({}) : pretty(it.payload_json));
  const eventItems = events.map((it) => item(broken("console-event-kinds-missing") ? null : it.event_type, broken("console-events-with-the-runs-time") ? found.created_at : it.created_at, told(it)));
  if (broken("console-events-are-markup")) eventItems.forEach((it, at) => (it.querySelector("pre").innerHTML = told(events[at])));
  const kind = (it) => (broken("console-feedback-kind-missing") ? null : it.kind);
  const text = (it) => {
    if (broken("console-feedback-text-cut")) return it.explanation.slice(0, 12);
    return broken("console-long-feedback-cut") ? it.explanation.slice(0, 500) : it.explanation;
  };
  const feedbackItems = feedback.map((it) => item(kind(it), broken("console-feedback-time-of-the-run") ? found.created_at : it.created_at, text(it), `${it.file_path}:${it.line}`));
  if (broken("console-feedback-is-markup")) feedbackItems.forEach((it, at) => (it.querySelector("pre").innerHTML = feedback[at].explanation));
  const shown = broken("console-feedback-of-succeeded-only") && found.status !== "succeeded" ? [] : feedbackItems;
  const panes = h("div", { class: "panes" }, pane(say("run.events"), eventItems, "run.noEvents"), pane(say("run.feedback"), shown, "run.noFeedback"));
  return [heading(say("run.title")), facts, panes];
}
