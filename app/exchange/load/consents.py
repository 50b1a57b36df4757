"""The words in which organizations ask for consent."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from app.accounts.models import Organization
from app.core.i18n import gettext as _
from app.exchange.load.work import Work, changed_names
from app.registration.models import ConsentText


def load_consents(work: Work, document: dict[str, Any]) -> None:
    """Consents by organization and purpose. New words are a new version: given consents keep theirs."""
    for number, entry in enumerate(document.get("organizations", [])):
        organization = work.session.scalar(select(Organization).where(Organization.slug == entry["slug"]))
        if organization is None or not work.name("consents", entry["slug"]):
            continue
        for position, consent in enumerate(entry.get("consents", [])):
            if work.name("consents", f"{organization.id} {consent['purpose']}"):
                _load_consent(work, organization, consent)
            else:
                place = f"organizations[{number}].consents[{position}].purpose"
                work.problem(place, _("“%(name)s” comes twice in this list.", name=consent["purpose"]))


def _load_consent(work: Work, organization: Organization, entry: dict[str, Any]) -> None:
    latest = work.session.scalar(
        select(ConsentText)
        .where(ConsentText.organization_id == organization.id, ConsentText.purpose == entry["purpose"])
        .order_by(ConsentText.version.desc())
        .limit(1)
    )
    required = entry.get("required", latest.is_required if latest else False)
    values = {"wording": entry["wording"], "is_required": required}
    if latest is not None and not changed_names(latest, values):
        return
    work.session.add(
        ConsentText(
            organization_id=organization.id,
            purpose=entry["purpose"],
            version=latest.version + 1 if latest else 1,
            created_at=work.loaded_at,
            **values,
        )
    )
    work.session.flush()
    counter = work.changed if latest else work.added
    counter["consents"] += 1
