"""Pages of the institution's own wording of reports, and a look at it."""

from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from tracker.accounts.access import acting_person
from tracker.audit.forms import ActForm
from tracker.audit.once import do_once, new_key
from tracker.evidence.files import DamagedFile
from tracker.reports.forms import TextsForm
from tracker.reports.logos import get_picture
from tracker.reports.markup import document_html
from tracker.reports.pictures import Picture
from tracker.reports.requests import ReportKind
from tracker.reports.samples import first_page
from tracker.reports.text_blocks import (
    ALL_KINDS,
    Block,
    StaleTexts,
    Words,
    copy_blocks,
    count_blocks,
    get_block,
    save_block,
    texts_from,
)
from tracker.reports.views.shared import as_document, bp, year_of
from tracker.reports.wording import say_code
from tracker.web.clock import today


@bp.route("/texts", methods=["GET", "POST"])
def texts() -> ResponseReturnValue:
    """Show and save the institution's own wording of a year's reports."""
    year, kind = _texts_asked()
    block, form, conflict = get_block(year, kind), TextsForm(), None
    status = 200
    if not form.is_submitted():
        form.show(block)
    elif form.validate():
        by, version = acting_person(), form.version.data or 0

        def act() -> int:
            save_block(Block(year, kind, form.words(block.words), version), by, form.picture)
            return year

        try:
            do_once(form.key.data, by, act)
        except StaleTexts:
            conflict, status = _differing_words(block.words, form), 409
            form.version.data, form.key.data = block.version, new_key()
        else:
            flash(_("The wording is saved. Reports frozen from now on use it."), "success")
            return redirect(url_for("reports.texts", year=year, kind=kind))
    else:
        status = 422
    form.ask_for_picture_again()
    return render_template(
        "reports/texts.html",
        form=form,
        year=year,
        kind=kind,
        kinds=[(ALL_KINDS, _("All kinds")), *((str(each), each.korean) for each in ReportKind)],
        block=block,
        picture=_kept_picture(block.words.get("logo")),
        conflict=conflict,
        may_copy=count_blocks(year - 1) > 0,
        copy=ActForm(formdata=None),
    ), status


@bp.post("/texts/copy")
def copy_texts() -> Response:
    """Take over last year's wording where this year has none."""
    year, kind = _texts_asked()
    form = ActForm()
    if not form.validate():
        abort(400)
    by = acting_person()
    done = do_once(form.key.data, by, lambda: copy_blocks(year, by))
    if done.number:
        flash(_("The wording of %(year)s was taken over.", year=year - 1), "success")
    else:
        flash(_("There was nothing to take over: the year has its own wording."), "info")
    return redirect(url_for("reports.texts", year=year, kind=kind))


@bp.post("/texts/preview")
def preview_texts() -> ResponseReturnValue:
    """Show the first page of a report in the words that were typed; nothing is saved."""
    year, kind = _texts_asked()
    form = TextsForm()
    if not form.validate():
        return texts()
    general = [] if kind == ALL_KINDS else [get_block(year, ALL_KINDS).words]
    told = texts_from(*general, form.words(get_block(year, kind).words))
    picture = form.picture or _kept_picture(told.logo)
    document = first_page(ReportKind(kind or ReportKind.ANNUAL), year, told, picture, acting_person().at)
    return as_document(document_html(document).encode())


def _texts_asked() -> tuple[int, str]:
    """Return the year and the kind of report that the address names."""
    year = year_of(request.args.get("year", str(today().year - 1)))
    kind = request.args.get("kind", ALL_KINDS)
    if year is None or kind not in (ALL_KINDS, *map(str, ReportKind)):
        abort(404)
    return year, kind


def _differing_words(stored: Words, form: TextsForm) -> list[dict[str, object]]:
    """Return each field in which what is stored is not what was typed."""
    typed = form.words(stored)
    return [
        {
            "label": form[name].label.text,
            "before": _said_words(name, stored.get(name)),
            "after": _said_words(name, typed.get(name)),
        }
        for name in dict.fromkeys((*typed, *stored))
        if stored.get(name) != typed.get(name)
    ]


def _said_words(name: str, value: Any) -> object:  # noqa: ANN401 - as it is typed
    if name == "logo" and value:
        return say_code(value)
    return " / ".join(value) if isinstance(value, list) else value or "–"


def _kept_picture(sha256: str | None) -> Picture | None:
    """Return a logo to look at; None where there is none, or it is damaged."""
    try:
        return get_picture(sha256) if sha256 else None
    except DamagedFile:
        return None
