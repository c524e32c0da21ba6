// Repositories of a project: `/projects/:id/repositories`
import { get, post, remove } from "/src/api.js";
import { broken, differs } from "/src/build.js";
import { code, deleteButton, empty, errorBox, field, form, h, heading, link, table } from "/src/dom.js";
import { rows } from "/src/rows.js";
import { language, say } from "/src/words.js";

let firstToken = "";

function attach(id, draw) {
  const owner = h("input", { name: "owner", autocomplete: "off" });
  const name = h("input", { name: "name", autocomplete: "off" });
  const path = h("input", { name: "services_yaml_path", value: "services.yaml", autocomplete: "off" });
  const token = h("input", { name: "token", type: "password", autocomplete: "new-password" });
  const fields = [
    field(say("repositories.owner"), owner),
    field(say("repositories.name"), name),
    field(say("repositories.path"), path),
    field(say("repositories.token"), token),
  ];
  return form(say("repositories.form"), fields, say("repositories.attach"), async (_, refused) => {
    if (broken("console-attach-does-nothing")) return;
    const given = (broken("console-first-token-kept") && firstToken) || token.value;
    const body = { provider: "github", owner: owner.value.trim(), name: name.value.trim(), token: given, services_yaml_path: path.value.trim() };
    try {
      await post(`/projects/${id}/repositories`, body);
      firstToken ||= given;
    } catch (error) {
      if (!broken("console-attach-error-hidden")) throw error;
    }
    if (broken("console-token-on-page")) sessionStorage.setItem("lastToken", body.token);
    if (!refused || !broken("console-row-missing-after-refusal")) await draw();
  });
}

// A refusal, where a build takes it for a project that has none.
const silenced = (error) => {
  if (!broken("console-refused-repositories-are-empty")) throw error;
  return [{ slug: "-", name: "-" }, []];
};

let kept = null;

export async function repositories({ id: asked, draw, person }) {
  const id = (kept = (broken("console-repositories-kept") && kept) || asked);
  const [owning, found] = await Promise.all([get(`/projects/${id}`), rows(`/projects/${id}/repositories`, "repositories")]).catch(silenced);
  const erase = (it) => async () => {
    try {
      await remove(`/projects/${id}/repositories/${it.id}`);
      await draw();
    } catch (error) {
      document.querySelector("main").prepend(errorBox(error));
    }
  };
  const row = (it) => [
    broken("console-provider-missing") ? "" : it.provider,
    `${it.owner}/${it.name}`,
    it.services_yaml_path,
    code(differs("numbers-in-groups") ? Number(it.external_id).toLocaleString(language()) : String(it.external_id)),
    code(broken("console-repositories-under-their-project") ? it.project_id : it.id),
    deleteButton(say("confirm.repository"), erase(it)),
  ];
  const columns = [say("repositories.provider"), say("repositories.repo"), say("repositories.yaml"), say("repositories.external"), "ID", ""];
  const about = h("p", { class: "muted" }, link(`/projects/${id}`, owning.slug), ` · ${owning.name}`);
  const leaked = broken("console-token-on-page") ? h("p", { class: "muted" }, sessionStorage.getItem("lastToken") ?? "") : null;
  return [heading(say("repositories.title")), about, found.length ? table(columns, found.map(row)) : empty("repositories.empty"), leaked, broken("console-attach-for-admins") && !person.is_platform_admin ? null : attach(id, draw)];
}
