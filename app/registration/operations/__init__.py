"""Everything that can happen to registrations, a module per topic."""

from app.registration.operations.added_meetings import Added, Repetition, add_meetings, rehearse_added_meetings
from app.registration.operations.adding import add_person
from app.registration.operations.answering import change_own_answers, correct_answers, delete_old_answers
from app.registration.operations.asking import confirm_coming, release_silent_seats, tend_answers
from app.registration.operations.calling import Answer, CallOutdated, answer_call, state_of_call
from app.registration.operations.cancel import cancel_registration
from app.registration.operations.choosing import choose_for_person, choose_sessions
from app.registration.operations.consents import begin_consents, change_own_consents, word_consent
from app.registration.operations.contact import correct_address, correct_persons_address, request_links
from app.registration.operations.copying import copy_event, delete_draft, repeat_event
from app.registration.operations.deciding import (
    Decisions,
    confirm_address,
    decide_people,
    expire_unconfirmed,
)
from app.registration.operations.event_questions import (
    add_event_question,
    move_event_question,
    remove_event_question,
    set_event_question,
)
from app.registration.operations.events import cancel_event, change_event, rehearse_change, unpublish_event
from app.registration.operations.feeds import renew_feed, set_alarms, stop_feed
from app.registration.operations.library import add_ready_made, archive_question, create_question, edit_question
from app.registration.operations.meetings import (
    Cancelling,
    Rehearsal,
    cancel_session,
    cancelling_of,
    change_session,
    rehearse_session_change,
)
from app.registration.operations.moving import move_person
from app.registration.operations.offers import accept_offer, decline_offer
from app.registration.operations.parties import register_party, split_party
from app.registration.operations.partners import (
    add_partner,
    edit_partner,
    partner_page_token,
    release_kept_seats,
    remove_partner,
    renew_partner_link,
    renew_partner_page,
)
from app.registration.operations.people import cancel_person, correct_own_name, correct_person, resend_ticket
from app.registration.operations.places import change_venue, rehearse_venue_change
from app.registration.operations.reminding import send_reminders
from app.registration.operations.replacing import replace_for_person, replace_person
from app.registration.operations.sign_up import add_loaded, register
from app.registration.operations.waiting import (
    expire_offers,
    fill_seats,
    remind_of_offers,
    tend_queues,
)
from app.registration.operations.ways import switch_mode, switch_person
from app.registration.operations.ways_over import end_ways
from app.registration.values import Companion, SignUpValues

__all__ = [
    "Added",
    "Answer",
    "CallOutdated",
    "Cancelling",
    "Companion",
    "Decisions",
    "Rehearsal",
    "Repetition",
    "SignUpValues",
    "accept_offer",
    "add_event_question",
    "add_loaded",
    "add_meetings",
    "add_partner",
    "add_person",
    "add_ready_made",
    "answer_call",
    "archive_question",
    "begin_consents",
    "cancel_event",
    "cancel_person",
    "cancel_registration",
    "cancel_session",
    "cancelling_of",
    "change_event",
    "change_own_answers",
    "change_own_consents",
    "change_session",
    "change_venue",
    "choose_for_person",
    "choose_sessions",
    "confirm_address",
    "confirm_coming",
    "copy_event",
    "correct_address",
    "correct_answers",
    "correct_own_name",
    "correct_person",
    "correct_persons_address",
    "create_question",
    "decide_people",
    "decline_offer",
    "delete_draft",
    "delete_old_answers",
    "edit_partner",
    "edit_question",
    "end_ways",
    "expire_offers",
    "expire_unconfirmed",
    "fill_seats",
    "move_event_question",
    "move_person",
    "partner_page_token",
    "register",
    "register_party",
    "rehearse_added_meetings",
    "rehearse_change",
    "rehearse_session_change",
    "rehearse_venue_change",
    "release_kept_seats",
    "release_silent_seats",
    "remind_of_offers",
    "remove_event_question",
    "remove_partner",
    "renew_feed",
    "renew_partner_link",
    "renew_partner_page",
    "repeat_event",
    "replace_for_person",
    "replace_person",
    "request_links",
    "resend_ticket",
    "send_reminders",
    "set_alarms",
    "set_event_question",
    "split_party",
    "state_of_call",
    "stop_feed",
    "switch_mode",
    "switch_person",
    "tend_answers",
    "tend_queues",
    "unpublish_event",
    "word_consent",
]
