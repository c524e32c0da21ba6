// Project details: `/projects/:id`
import { get, list, remove } from "/src/api.js";
import { broken } from "/src/build.js";
import { code, count, deleteButton, h, heading, link } from "/src/dom.js";
import { say } from "/src/words.js";

export async function project({ id, person, go }) {
  const found = await get(`/projects/${id}`);
  const erase = async () => {
    const other = (await list("/projects")).find((it) => it.id !== id);
    const early = broken("console-projects-read-before-delete");
    if (early) go("/");
    if (!broken("console-delete-does-nothing")) await remove(`/projects/${broken("console-delete-of-another") ? other.id : id}`);
    if (broken("console-delete-tells-an-error")) throw new SyntaxError("Unexpected end of JSON input");
    if (!early) go("/");
  };
  if (broken("console-project-page-blank")) return [heading(say("project.title"))];
  const facts = h("dl", {}, h("dt", {}, say("projects.slug")), h("dd", {}, found.slug), h("dt", {}, say("projects.name")), h("dd", {}, found.name), h("dt", {}, "ID"), h("dd", {}, code(found.id)));
  const paths = [`/projects/${id}/repositories`, `/projects/${id}/members`];
  if (broken("console-project-links-exchanged")) paths.reverse();
  const links = h("div", { class: "row" }, link(paths[0], say("repos"), "", { role: "listitem", within: count(2) }), link(paths[1], say("members"), "", { role: "menuitem", label: `${say("members")}: ${found.slug}` }));
  const derived = found.slug.includes("/") && broken("console-derived-not-deleted");
  const owner = (person.is_platform_owner && !derived) || broken("console-delete-for-all") ? deleteButton(say("confirm.project"), erase) : null;
  return [heading(say("project.title")), h("section", { class: "card" }, facts, links, owner)];
}
