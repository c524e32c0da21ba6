"""Lines that a fault turns red beside those of its group: what the kill matrix showed, and why is no surprise.

A fault in the sign-in or in the receiver breaks what others only stand on; the matrix counts a line that is red
without being named here or in the group as a false alarm.
"""

LINES: dict[str, tuple[str, ...]] = {
    # That the public path is still there is asked by an unsigned delivery, in the one version of TLS or the other.
    "bad-signature-403": ("s1.boundary.path", "s1.security.1"),
    "tls-new-versions-refused": ("s1.boundary.path", "s1.security.1"),
    # The pages list the run that the answer names.
    "accepted-names-another-run": ("s1.p0.4.2",),
    # Whoever refuses says so in the same words everywhere; the answer of a page may be another person's, too.
    "refusals-say-forbidden": ("s1.p0.4.3",),
    "edge-answers-kept": ("s1.boundary.redirect",),
    # Where an address that was asked for in vain leads after the sign-in is seen by signing in.
    "github-email-not-verified": ("s1.boundary.redirect",),
    # A page and a second project are shown with what these break.
    "edge-body-rewritten": ("s1.contract.console",),
    "repository-number-narrow": ("s1.p1.2.1",),
    # What was just attached is not shown.
    "console-lists-kept": ("s1.evidence.2",),
    # A scenario of the API asks for that run as others do.
    "homeless-run-open-by-id": ("s1.contract.api",),
    # All pull requests that the gate tells of are closed ones.
    "closed-not-recorded": ("s1.p1.3.1",),
    # What the API tells wrongly the pages show wrongly.
    "feedback-told-with-the-runs-time": ("s1.p1.3.3",),
    "off-told-as-inherited": ("s1.contract.console",),
    "repositories-listed-under-external-id": ("s1.p1.2.1",),
    "repositories-listed-without-provider": ("s1.p1.2.1",),
    # Its repository is attached to a project that is made anew.
    "new-project-told-by-id-only": ("s1.p1.2.2",),
    # The run whose story is told to people of every role is of the second repository.
    "second-repository-not-found": ("s1.boundary.roles", "s1.contract.api", "s1.contract.console"),
    "derived-project-preferred": ("s1.p1.3.3",),
    "edge-auth-request-email-signs-in": ("s1.boundary.proxy",),
    "edge-forwarded-email-signs-in": ("s1.boundary.proxy",),
    "duplicate-answers-202": ("s1.p1.3.1",),
    "refused-delivery-recorded": ("s1.boundary.receiver",),
    # So is what a run about no repository is told to have begun with.
    "received-event-of-repositories-only": ("s1.p0.2.1",),
    # An odd delivery that is taken is told of as any other.
    "received-event-missing": ("s1.boundary.receiver",),
    "received-event-doubled": ("s1.boundary.receiver",),
    "project-open-to-everybody": ("s1.contract.console",),
    # The page of a run that is kept as evidence shows its feedback.
    "feedback-not-told": ("s1.evidence.2",),
    "wrong-field-named": ("s1.boundary.receiver",),
    # Seen with the next refusal, whichever line that is of.
    "refused-delivery-recorded-later": ("s1.p0.1.1",),
    "deleted-project-stays": ("s1.contract.api", "s1.contract.console", "s1.p1.2.2"),
    "project-delete-lost": ("s1.contract.api", "s1.contract.console", "s1.p1.2.2"),
    # Whoever comes in from inside is looked for on record as well.
    "github-login-not-recorded": ("s1.boundary.identity",),
    # A role is given by people who look at the answer.
    "role-given-answered-200": ("s1.contract.api",),
    # What a lower role takes away is looked at, too.
    "role-never-lowered": ("s1.boundary.roles",),
    "projects-list-own-only": ("s1.boundary.roles",),
    "edge-sessions-mixed-up": (
        "s1.p1.2.1",
        "s1.p1.2.2",
        "s1.p1.3.1",
        "s1.security.1",
        "s1.boundary.path",
        "s1.boundary.proxy",
        "s1.boundary.session",
        "s1.boundary.redirect",
    ),
    "edge-webhook-needs-session": (
        "s1.boundary.proxy",
        "s1.boundary.exposure",
        "s1.contract.api",
    ),
    "edge-webhook-redirected": (
        "s1.boundary.proxy",
        "s1.boundary.exposure",
        "s1.contract.api",
    ),
    "edge-401-replaced": (
        "s1.security.1",
        "s1.boundary.path",
        "s1.boundary.redirect",
    ),
    "edge-api-redirected": (
        "s1.security.1",
        "s1.boundary.path",
        "s1.boundary.proxy",
    ),
    "edge-api-answers-200": (
        "s1.security.1",
        "s1.boundary.path",
        "s1.boundary.proxy",
    ),
    "edge-console-open": ("s1.evidence.1",),
    "edge-health-open": ("s1.security.1",),
    "edge-metrics-open": ("s1.security.1",),
    "signature-not-checked": ("s1.boundary.receiver",),
    "signature-messages-swapped": (
        "s1.p0.1.3",
        "s1.security.1",
        "s1.boundary.path",
        "s1.boundary.redirect",
    ),
    "delivery-statuses-swapped": (
        "s1.evidence.2",
        "s1.p1.2.2",
        "s1.p1.3.1",
        "s1.boundary.receiver",
    ),
    "refused-person-recorded": ("s1.p0.3.2",),
    "run-not-recorded": (
        "s1.p0.2.1",
        "s1.p0.2.2",
        "s1.p0.4.2",
        "s1.p1.2.2",
        "s1.p1.3.1",
        "s1.boundary.receiver",
    ),
    "correlation-id-rewritten": (
        "s1.p0.2.1",
        "s1.p0.2.2",
        "s1.p1.3.1",
        "s1.boundary.receiver",
    ),
    # Such a delivery is one of those whose runs are watched to their ends.
    "installation-required": ("s1.p0.2.1",),
    "public-repository-refused": ("s1.p0.2.1",),
    "bots-not-recorded": ("s1.p0.2.1",),
    "reviews-not-recorded": ("s1.p0.2.1",),
    # Whatever refuses an odd delivery tells nothing of the inside either.
    "error-with-stack-trace": ("s1.boundary.receiver",),
    # A run for which no Job can be created is judged by its slot and by the event of its end.
    "ended-event-missing": ("s1.p0.2.2",),
    "ended-event-doubled": ("s1.p0.2.2",),
    "finished-at-missing": ("s1.p0.2.2",),
    # Whoever waits for a slot is told to have begun once.
    "started-event-doubled": ("s1.p0.2.2",),
    # What is stored of a token is looked at once more where a repository is attached again.
    "token-stored-in-clear": ("s1.p1.2.2",),
    "token-stored-as-base64": ("s1.p1.2.2",),
    "token-lower-cased": ("s1.p1.2.2",),
    "token-under-another-key": ("s1.p1.2.2",),
    "token-tag-cut-off": ("s1.p1.2.2",),
    "raw-payload-dropped": ("s1.p1.2.2",),
    "runs-listed-for-everybody": ("s1.contract.console", "s1.p1.3.3"),
    "runs-listed-once-per-member": ("s1.p0.4.2",),
    "projects-listed-once-per-member": ("s1.p0.4.1",),
    "events-of-all-runs": ("s1.p1.3.3",),
    "readiness-fails": (
        "s1.boundary.path",
        "s1.boundary.exposure",
    ),
    "routes-without-a-door": ("s1.boundary.roles",),
    "projects-list-empty": ("s1.contract.api",),
    "project-slug-rewritten": (
        "s1.p1.2.2",
        "s1.boundary.roles",
    ),
    # The run that stands in the lists of members is compared with the one on record.
    "runs-without-correlation": ("s1.boundary.roles",),
    "runs-listed-under-their-id": ("s1.boundary.roles",),
    "runs-listed-with-slug-for-name": ("s1.boundary.roles",),
    "runs-route-crashes": (
        "s1.boundary.roles",
        "s1.p0.3.2",
        "s1.contract.api",
    ),
    "users-list-for-everybody": ("s1.boundary.roles",),
    "anybody-creates-projects": ("s1.boundary.roles",),
    "project-made-twice": ("s1.boundary.roles",),
    "event-payload-as-base64": ("s1.contract.api",),
    "worker-claims-nothing": ("s1.p1.2.2", "s1.evidence.2"),
    "payload-lost-at-the-start": ("s1.boundary.receiver",),
    "homeless-runs-together": ("s1.p0.2.2",),
    "started-event-missing": ("s1.p1.2.2",),
    "started-event-without-fields": ("s1.p1.2.2",),
    "pod-restarts": ("s1.boundary.receiver",),
    "console-projects-empty": ("s1.evidence.2",),
    "console-only-by-link": ("s1.contract.console",),
    "console-columns-wrong": ("s1.evidence.2",),
    "console-empty-list-silent": (
        "s1.p1.2.1",
        "s1.p1.3.3",
        "s1.evidence.2",
    ),
}
