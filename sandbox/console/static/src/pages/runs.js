// Runs: `/runs`
import { broken, differs } from "/src/build.js";
import { empty, h, heading, link, pill, table } from "/src/dom.js";
import { rows } from "/src/rows.js";
import { when } from "/src/time.js";
import { say } from "/src/words.js";

const row = (found) => (it) => {
  const ends = [it.started_at, it.finished_at];
  if (broken("console-times-swapped")) ends.reverse();
  const next = found[found.indexOf(it) + 1] ?? it;
  const target = broken("console-details-of-another") ? next : it;
  const status = broken("console-status-stale") ? "pending" : it.status;
  const stranger = broken("console-homeless-run-in-a-project") && found.find((each) => each.project_slug);
  return [pill(differs("translated-columns") ? say(`status.${status}`) : status, status), it.project_slug || (stranger ? stranger.project_slug : "-"), when(it.created_at), ...ends.map(when), link(`/runs/${target.id}`, say("details"), "", { label: `${say("details")}: ${target.id}` })];
};

let drawn = null;

export async function runs() {
  const listed = await rows("/runs", "runs");
  const found = broken("console-homeless-runs-hidden") ? listed.filter((it) => it.project_id) : listed;
  if (broken("console-list-keeps-its-language") && drawn) return [heading(say("runs.title")), drawn];
  const columns = ["status", "project", "created", "started", "finished"].map((name) => say(`runs.${name}`));
  const shown = broken("console-columns-wrong") ? columns.with(4, say("runs.status")) : columns;
  if (broken("console-list-keeps-its-language") && found.length) drawn = table([...shown, ""], found.map(row(found)));
  return [heading(say("runs.title")), broken("console-empty-beside-rows") ? empty("runs.empty") : null, found.length ? table([...shown, ""], found.map(row(found))) : empty("runs.empty")];
}
