"""Differences between builds that the contract allows, and troubles around a staging that are nobody's fault.

With a variant on, a gate is green. With a trouble on it is neither green nor red for the platform.
"""

from __future__ import annotations

import importlib

from .faults import COMPONENTS

OWN = {
    "neighbours": "other people work here all the time; their runs fill another project's slots",
    "migrate-suffix": "the migrate Job is named codex-k8s-migrate-<suffix>; an older one has failed (contract 1)",
    "cert-manager-unreadable": "the role may not read cert-manager's objects",
    "cluster-least-rights": "the gate may do in the cluster what deploy/rights.yaml gives it, and nothing else",
    "cluster-minimal": "a stand-in of a cluster that has what the contract names and nothing else: no pods, no "
    "logs, no conditions of Jobs, no choice by labels",
    "cluster-answers-less": "a stand-in of a cluster: its deployments have no selector, the owners of pods no uid",
    "jobs-in-another-namespace": "the Jobs of runs are in a namespace of their own, which run.started names",
    "webhook-events-chosen": "the Secret names other events for webhooks than the default's (contract 5)",
    "webhook-settings-spelled-out": "the Secret names the webhook's address and events (contract 1)",
    "secret-holds-more": "the platform's Secret holds the namespace and names that nobody knows (contract 1: keys "
    "that can be used)",
    "settings-end-with-newlines": "the plain settings in the Secrets were made by `echo x | base64`",
    "job-there-already-refused": "a run whose Job is in the cluster before it is given up (contract 4.4)",
    "images-fetched-anew": "the pods of runs wait fifteen seconds for their image (contract 4: 15 min at most)",
    "two-gateways": "Deployment codex-k8s has two replicas",
    "gateway-came-late": "the gateway restarted four times until its database was there, and is well since then",
    "decorated-console": "signs stand beside the console's links, titles and buttons, a button beside each id",
    "slots-outlive-projects": "slots stay when their project is deleted (contract 2 does not say what cascades)",
    "feedback-outlives-projects": "feedback stays when its run's project is deleted",
    "feedback-goes-with-repositories": "feedback goes with the repository that it names (contract 3 has no rule)",
    "runs-know-more": "the table of runs has columns that count up, are computed, or name the run's Job",
    "unique-indexes-carry-more": "the index that keeps slugs apart has the name of a project beside it (INCLUDE)",
    "ids-shortened": "the console's tables show the first eight letters of an id and that it goes on",
    "lists-in-parts": "the console shows 25 rows of a list and a button that leads on; the staging has more",
    "lists-in-fives": "the console shows five rows of a list and a button with a sign and a name of its own",
    "numbers-in-groups": "the console writes a long number in groups, as its language does",
    "box-drawn-by-its-label": "the console's checkbox is out of sight, its label draws one",
    "empty-fields-kept": "the form that creates projects does not send an empty slug or name, and says nothing",
    "events-newest-first": "the page of a run begins with its newest event (contract 6 names no order)",
    "failures-marked": "the pills of runs and events that failed have the class of an error",
    "boxes-for-selects": "the selects of the console are boxes that open a list, as component libraries make them",
    "changes-confirmed": "the console asks back before it sends a form or saves a member (contract 6)",
    "links-with-other-roles": "the console's links are tabs, items of lists and menus, or buttons by their role",
    "pictures-named": "pictures with a name of their own stand in the console's links and buttons",
    "names-say-more": "the console's links and buttons tell listeners more, count, or have signs made of words",
    "dialogs-closed-by-a-sign": "the console asks back in dialogs that have a sign to close them and agree in a "
    "sentence",
    "words-nobody-sees": "words for narrow windows, tooltips and listeners stand in cells, links and titles",
    "foreign-font": "the console's font and its style sheet are another host's, which does not answer here",
    "console-scrolls-inside": "the console's page is as high as the window, and what is on it scrolls inside",
    "badges-for-pills": "the pills of a run's items have another class, and stand beside the place they are about",
    "titled-rows": "the first cell of a row is its title (th), with a button beside it",
    "create-form-for-all": "everybody sees the form that creates projects; the API refuses (contract 2)",
    "answers-unread": "the console does not read what its changes are answered with, and asks all the time who is "
    "signed in without reading that",
    "translated-columns": "the console in Russian translates columns, roles and statuses that the contract "
    "gives in one form only",
}
TROUBLES = {
    "database-connections-cut": "all connections from outside to the database break once, new ones work",
    "cluster-token-expired": "the cluster refuses the token (401)",
    "cluster-secrets-forbidden": "the role may not read Secrets (403)",
    "cluster-logs-forbidden": "the role may not read logs of pods (403)",
    "cluster-workloads-forbidden": "the role may not look at deployments and pods (403)",
    "deploy-rolling": "a deploy of the gateway began 20 s ago: one of two new pods is up",
    "migrate-job-expired": "the last deploy was hours ago, its migrate Job is gone by its time to live",
    "dns-gone": "the resolver answers SERVFAIL",
    "edge-502": "the edge answers 502 to everything",
    "github-gone": "GitHub answers 503 to everything",
    "github-page-in-the-way": "after the password GitHub shows a page that nobody but a person can answer",
    "github-rate-limit": "GitHub's API refuses with 403: rate limit exceeded",
}


def _collected() -> dict[str, str]:
    """Ours, and those that the components declare in `VARIANTS`."""
    found = dict(OWN)
    for name in COMPONENTS:
        if name not in ("surface", "console", "cluster"):
            found |= getattr(importlib.import_module(f"sandbox.{name}"), "VARIANTS", {})
    return found


VARIANTS: dict[str, str] = _collected()
