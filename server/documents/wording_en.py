"""What each kind of paper says in English, block by block."""

from __future__ import annotations

from server.documents.blocks import Block, Boxes, Column, Heading, Issues, Photos, Receipt, Sign, Text, project
from server.documents.rules import Kind

_LABELS = ("Project", "Project code", "District", "Street", "Place", "Client", "Contractor", "Supervision firm",
           "Inspected on", "Visit", "Inspectors")
_FINDINGS = (
    Column("No.", 10, "{{ issue.no }}", centred=True),
    Column("Part", 23, "{{ issue.place }}"),
    Column("Description", 41, "{{ issue.description }}"),
    Column("Grade", 16, "{{ issue.severity }}", centred=True),
    Column("Clause breached", 22, "{{ issue.basis }}"),
    Column("Requirement", 22, "{{ issue.requirement }}"),
    Column("Due", 22, "{{ issue.deadline }}", centred=True),
)
_RECEIPT = Receipt(("Receipt", "Received by (signature)", "Time of receipt", "Receiving party (seal)"))
_SIGN = Sign(("Issued by: {{ signer }}", "{{ office }} (seal)", "{{ day }}"))
_COPIES = Text("Copies to: {{ copies_to }}", when="copies_to", indent=False)
_NOTE = Text("Further: {{ note }}", when="note")
_PHOTOS = Photos("Annex: photos")
_PAIRS = Photos("Annex: photos before and after")

BLOCKS: dict[Kind, tuple[Block, ...]] = {
    Kind.RECTIFICATION_NOTICE: (
        Text("The inspection of {{ site.name }} found {{ count }} issues ({{ critical }} critical, {{ major }} major, "
             "{{ minor }} minor). Rectify each of them as set out below and reply in writing by its due date; "
             "the earliest is {{ due_on }}."),
        project(_LABELS),
        Heading("1. Issues and requirements"),
        Issues(_FINDINGS),
        Heading("2. Reply"),
        Text("When the work is done, fill in the rectification reply for each issue: cause, measure, person in charge, "
             "date of completion, and photos after it of the same part from the same spot. The supervision firm checks it "
             "first, then we do, and close the issue. Objections must be raised in writing before the due date."),
        _NOTE,
        Heading("3. Consequence of delay"),
        Text("Where the work is late, insufficient or falsely reported, we escalate the matter by letter, interview or "
             "public circular, and refer it to the authority in charge."),
        _SIGN, _RECEIPT, _COPIES, _PHOTOS,
    ),
    Kind.RECTIFICATION_REPLY: (
        Text("In answer to rectification notice {{ refers_to }}, this is how its {{ count }} issues were rectified. "
             "Please verify."),
        project(_LABELS, "Notice"),
        Heading("1. Rectification"),
        Issues((
            Column("No.", 10, "{{ issue.no }}", centred=True),
            Column("Issue", 38, "{{ issue.problem }}"),
            Column("Cause", 27, "{{ issue.reply.cause }}"),
            Column("Measure and prevention", 39, "{{ issue.reply.measures }}"),
            Column("Person in charge", 20, "{{ issue.reply.responsible_person }}", centred=True),
            Column("Done on", 22, "{{ issue.reply.done }}", centred=True),
        )),
        _NOTE,
        Heading("2. Opinions"),
        Boxes((
            ("Contractor", "Replied by: {{ issued_by }}\nProject manager (signature):\n(seal)          Date:", 24),
            ("Supervision firm's opinion", "\nChief engineer (signature):\n(seal)          Date:", 24),
            ("Client's opinion", "\nIn charge (signature):\n(seal)          Date:", 24),
            ("Supervision team's verdict", "{{ verdict }}\nVerified by (signature):\nDate:", 24),
        )),
        _COPIES, _PAIRS,
    ),
    Kind.VERIFICATION_RECORD: (
        Text("The rectification of the {{ count }} issues of notice {{ refers_to }} was verified with this result."),
        project(_LABELS, "Notice"),
        Heading("1. Verification"),
        Issues((
            Column("No.", 10, "{{ issue.no }}", centred=True),
            Column("Issue", 40, "{{ issue.problem }}"),
            Column("Measure", 34, "{{ issue.reply.measures }}"),
            Column("Result", 20, "{{ issue.verification.result }}", centred=True),
            Column("Comment", 30, "{{ issue.verification.comments }}"),
            Column("Verified at", 22, "{{ issue.verification.when }}", centred=True),
        )),
        Text("What failed is to be rectified again by the new due date, with a new reply; what passed is closed and may be "
             "looked at again in a follow-up."),
        _NOTE,
        Heading("2. Signatures"),
        Boxes((
            ("Verified by", "{{ verifiers }}\n(two signatures at least)          Date:", 18),
            ("Supervision firm", "(signature)          Date:", 14),
            ("Contractor", "(signature)          Date:", 14),
        )),
        Sign(("{{ office }} (seal)", "{{ day }}")), _COPIES, _PAIRS,
    ),
    Kind.STOP_WORK_NOTICE: (
        Text("The inspection of {{ site.name }} found {{ count }} critical issues that endanger people and the works. "
             "Stop work at the parts named below at once."),
        project(_LABELS),
        Heading("1. Parts where work stops, and why"),
        Issues(_FINDINGS),
        Heading("2. Stopping and resuming"),
        Text("(1) On receipt, stop work at these parts, bring people out, fence the place off and keep the danger from "
             "growing."),
        Text("(2) Within 24 hours hand in a plan: what is done, by whom, by when; it is carried out once the supervision "
             "firm has examined it."),
        Text("(3) Work resumes only after the supervision firm's first check and our verification; never without consent."),
        _NOTE,
        Heading("3. Consequence of delay"),
        Text("Where work is not stopped, is resumed without consent, or is not rectified in time, the matter is referred to "
             "the authority in charge and escalated by letter, interview and public circular."),
        _SIGN, _RECEIPT, _COPIES, _PHOTOS,
    ),
    Kind.HANDOVER_LIST: (
        Text("The inspection found the following {{ count }} issues ({{ critical }} critical, {{ major }} major, {{ minor }} "
             "minor), which are handed over to your district. Have those responsible rectify them in time, and report back "
             "in writing."),
        Issues((
            Column("No.", 10, "{{ issue.no }}", centred=True),
            Column("Issue", 34, "{{ issue.number }}"),
            Column("Project", 30, "{{ issue.project }}"),
            Column("Part", 25, "{{ issue.place }}"),
            Column("Description", 40, "{{ issue.description }}"),
            Column("Grade", 16, "{{ issue.severity }}", centred=True),
            Column("Requirement", 25, "{{ issue.requirement }}"),
            Column("Responsible", 23, "{{ issue.contractor }}"),
            Column("Due", 22, "{{ issue.deadline }}", centred=True),
        )),
        Text("Name for each issue the party, the person and the measure. At critical issues work stops at once, and a plan is "
             "handed in within 24 hours."),
        Text("What is late is escalated by letter, interview and public circular."),
        _NOTE, _SIGN, _RECEIPT, _COPIES, _PHOTOS,
    ),
    Kind.ESCALATION_LETTER: (
        Text("The following {{ count }} issues found by inspection are still not rectified as required. We urge you to see "
             "to them."),
        Heading("1. Issues"),
        Issues((
            Column("No.", 10, "{{ issue.no }}", centred=True),
            Column("Project and party", 32, "{{ issue.party }}"),
            Column("Description", 43, "{{ issue.problem }}"),
            Column("Grade", 16, "{{ issue.severity }}", centred=True),
            Column("First due", 22, "{{ issue.first_due_on }}", centred=True),
            Column("Days late", 13, "{{ issue.days_late }}", centred=True),
            Column("Round", 20, "{{ issue.rounds }}", centred=True),
        )),
        Heading("2. What is required"),
        Text("Have those responsible rectify them without delay, put one person in charge, and report the result in writing "
             "with photos before and after by {{ due_on }}."),
        Text("Where it is still not done by then, those responsible are called in and named in a public circular."),
        _NOTE, _SIGN, _COPIES, _PHOTOS,
    ),
}
