"""Jobs on long files: telling what they would do, taking them in, taking batches back."""

from collections.abc import Callable, Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from tracker.accounts.models import User
from tracker.audit.acting import Acting
from tracker.extensions import db
from tracker.imports.models import ImportSubject
from tracker.imports.previews import Preview, find_preview, keep_result, tell
from tracker.imports.queries import find_batch
from tracker.imports.reading import UnreadableFile
from tracker.imports.rights import may_undo, subjects_of
from tracker.imports.services import (
    AlreadyUndone,
    OutcomeChanged,
    UndoRefused,
    count_rows,
    take_in,
    undo_batch,
)
from tracker.imports.uploads import uploaded
from tracker.jobs.progress import Progress
from tracker.jobs.tasks import TaskRefused, task

PREVIEW, TAKE_IN, UNDO = "imports.preview", "imports.take_in", "imports.undo"
OBSTACLES_NAMED = 20


@task(PREVIEW, _l("Look at a file"))
def tell_long(parameters: Mapping[str, Any], by: Acting, progress: Progress) -> Mapping[str, Any]:
    """Tell what a long file would do."""
    preview = _preview(parameters["preview"], by)
    user = _user(by, preview.subject)
    tell(preview, user, by, _reporter(progress, preview))
    return _see_preview(preview)


@task(TAKE_IN, _l("Take in a file"))
def take_in_long(parameters: Mapping[str, Any], by: Acting, progress: Progress) -> Mapping[str, Any]:
    """Take a long file in, as the person was told; where that has changed, show what would happen now."""
    preview = _preview(parameters["preview"], by)
    options = preview.options_for(_user(by, preview.subject))
    path, seal = uploaded(preview.sha256), parameters["seal"]
    report = _reporter(progress, preview)
    try:
        result = take_in(path, preview.subject, options, by, preview.file, report, seal=seal)
    except OutcomeChanged as error:
        keep_result(preview, error.result, by)
        return _see_preview(preview, changed=1)
    keep_result(preview, result, by)
    return {"endpoint": "imports.detail", "values": {"batch_id": result.batch, "preview": preview.id}}


@task(UNDO, _l("Take a batch back"))
def undo_long(parameters: Mapping[str, Any], by: Acting, progress: Progress) -> Mapping[str, Any]:
    """Take a long batch back."""
    batch_id = parameters["batch"]
    batch = find_batch(batch_id)
    user = db.session.get_one(User, by.actor_id)
    if batch is None or not user.is_enabled or not may_undo(user, batch.subject, batch.actor_id):
        raise TaskRefused(_("Your account may not take this batch back."))
    progress.report(0, 0, batch.file_name)
    try:
        undo_batch(batch_id, parameters["reason"], by)
    except UndoRefused as error:
        named = ", ".join(str(each.purchase_id) for each in error.obstacles[:OBSTACLES_NAMED])
        raise TaskRefused(
            _("These purchases were changed since; reverse them first: %(numbers)s", numbers=named)
        ) from error
    except AlreadyUndone:
        pass
    return {"endpoint": "imports.detail", "values": {"batch_id": batch_id}}


def _preview(preview_id: str, by: Acting) -> Preview:
    preview = find_preview(preview_id, by.actor_id)
    if preview is None:
        raise TaskRefused(_("The file is not kept any more. Upload it again."))
    return preview


def _user(by: Acting, subject: ImportSubject) -> User:
    user = db.session.get_one(User, by.actor_id)
    if not user.is_enabled or subject not in subjects_of(user):
        raise TaskRefused(_("Your account may not take in such files any more."))
    return user


def _reporter(progress: Progress, preview: Preview) -> Callable[[int], None]:
    try:
        total = count_rows(uploaded(preview.sha256))
    except UnreadableFile:  # going through the file will tell
        total = 0
    return lambda rows: progress.report(rows, total, preview.file)


def _see_preview(preview: Preview, **more: int) -> Mapping[str, Any]:
    return {"endpoint": "imports.preview", "values": {"preview_id": preview.id, **more}}
