// Projects: `/`
import { post } from "/src/api.js";
import { broken, differs } from "/src/build.js";
import { code, count, empty, field, form, h, heading, link, pill, table } from "/src/dom.js";
import { rows } from "/src/rows.js";
import { say } from "/src/words.js";

const row = (person) => (it) => {
  const paths = [`/projects/${it.id}/repositories`, `/projects/${it.id}/members`];
  if (broken("console-rows-links-exchanged")) paths.reverse();
  const bare = broken("console-row-links-for-admins-only") && !person.is_platform_admin;
  const manage = bare ? "" : h("span", { class: "row" }, link(paths[0], say("repos"), "", { role: "listitem", within: count(2) }), link(paths[1], say("members"), "", { role: "menuitem", label: `${say("members")}: ${it.slug}` }));
  const name = h("span", {}, broken("console-project-names-cut") ? it.name.slice(0, 12) : it.name);
  if (broken("console-names-are-markup")) name.innerHTML = it.name;
  const always = broken("console-role-always-admin") ? "admin" : broken("console-role-always-read") ? "read" : "";
  const role = always || it.role || "-";
  const told = differs("translated-columns") && role !== "-" ? say(`role.${role}`) : role;
  return [link(`/projects/${it.id}`, it.slug), name, pill(told), manage, code(it.id)];
};

function create(draw) {
  const slug = h("input", { name: "slug", autocomplete: "off" });
  const name = h("input", { name: "name", autocomplete: "off" });
  return form(say("projects.form"), [field(say("projects.slug"), slug), field(say("projects.name"), name)], say("submit"), async (_, refused) => {
    if (broken("console-create-does-nothing")) return;
    const body = { slug: slug.value.trim(), name: name.value.trim() };
    if (broken("console-create-swaps-fields")) [body.slug, body.name] = [body.name, body.slug];
    const lacking = !(body.slug && body.name);
    if (differs("empty-fields-kept") && lacking) return;
    const sent = post("/projects", body);
    await (broken("console-empty-field-silent") && lacking ? sent.catch(() => {}) : sent);
    slug.value = name.value = "";
    if (broken("console-renamed-row-doubled")) before = (kept ?? []).find((it) => it.slug === body.slug);
    kept = null;
    const stale = refused && broken("console-row-missing-after-refusal");
    if (!stale && !broken("console-table-not-refreshed")) await draw();
  });
}

let kept = null;
// What was renamed, as it was called then.
let before = null;

export async function projects({ person, draw }) {
  const found = (broken("console-projects-kept") && kept) || (await rows("/projects", "projects"));
  if (before) found.push(before);
  kept = found;
  const columns = [say("projects.slug"), say("projects.name"), say("projects.role"), say("projects.manage"), "ID"];
  const wrong = broken("console-columns-wrong");
  const shown = table(wrong ? columns.slice(0, -1) : columns, found.map((it) => (wrong ? row(person)(it).slice(0, -1) : row(person)(it))));
  const form = person.is_platform_admin || differs("create-form-for-all") ? create(draw) : null;
  if (broken("console-projects-for-admins") && !person.is_platform_admin) found.length = 0;
  return [heading(say("projects.title")), broken("console-empty-beside-rows") ? empty("projects.empty") : null, found.length ? shown : empty("projects.empty"), form];
}
