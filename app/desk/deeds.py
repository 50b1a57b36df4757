"""The audit in words: one phrase for each deed that is recorded. An unknown deed would show its bare name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.core.i18n import lazy_gettext as _
from app.registration.rules import Way
from app.registration.way_words import way_label

DEEDS = {
    "cancel_event": _("Cancelled the event"),
    "cancel_registration": _("Gave the seat back"),
    "take_off_list": _("Took a registration off the list"),
    "change_profile": _("Changed own name or language"),
    "change_role": _("Changed a role in the team"),
    "copy_event": _("Copied an event"),
    "correct_address": _("Corrected an e-mail address"),
    "correct_name": _("Corrected a name"),
    "correct_phone": _("Corrected a telephone number"),
    "create_device": _("Made a pairing link for a gate"),
    "create_event": _("Created the event"),
    "create_organization": _("Created the organization"),
    "create_room": _("Added a room"),
    "create_user": _("Created a user"),
    "create_venue": _("Added a venue"),
    "edit_event": _("Changed the event"),
    "edit_venue": _("Changed a venue"),
    "invite_to_team": _("Invited somebody to the team"),
    "join_room": _("Entered the online room"),
    "load_data": _("Loaded data from a file"),
    "pair_device": _("Paired a phone"),
    "renew_entries": _("Made the calendar entry anew"),
    "publish_event": _("Published the event"),
    "add_session": _("Added a meeting"),
    "repeat_session": _("Repeated a meeting"),
    "edit_session": _("Changed a meeting"),
    "cancel_session": _("Cancelled a meeting"),
    "remove_session": _("Took a meeting out of a draft"),
    "add_track": _("Added a section"),
    "rename_track": _("Renamed a section"),
    "move_track": _("Put sections in another order"),
    "remove_track": _("Took a section away"),
    "remove_from_team": _("Removed somebody from the team"),
    "renew_feed": _("Made a new address for an own calendar"),
    "stop_feed": _("Switched an own calendar off"),
    "set_feed_alarms": _("Chose the reminders in an own calendar"),
    "set_invitations": _("Changed whether mails invite calendars"),
    "resend_ticket": _("Sent a ticket again"),
    "revoke_device": _("Took a phone’s access away"),
    "send_again": _("Sent a mail again"),
    "send_test_mail": _("Sent a test mail"),
    "set_password": _("Set a new password"),
    "sign_in": _("Signed in"),
    "sign_out_everywhere": _("Signed out everywhere"),
    "sign_up": _("Signed up"),
    "begin_sign_up": _("Signed up, to be confirmed by mail"),
    "ask_for_place": _("Asked for a place"),
    "confirm_address": _("Confirmed by the button in the mail"),
    "expire_sign_up": _("Did not press the button in time"),
    "accept_person": _("Was taken"),
    "decline_person": _("Was declined"),
    "add_person": _("Added a person"),
    "add_over_limit": _("Added a person over the limit"),
    "confirm_coming": _("Said that she or he comes"),
    "release_seat": _("Lost the seat to the waiting list, for there was no answer"),
    "answer_call": _("Phoned a person"),
    "end_way": _("A way of coming was over, and people come the other way"),
    "switch_mode": _("Changed hall or online"),
    "move_person": _("Moved to another date"),
    "split_party": _("Let the party be split"),
    "erase_person": _("Erased a person’s data"),
    "give_to_other": _("Gave the place to somebody else"),
    "come_instead": _("Came instead of somebody else"),
    "moved_here": _("Moved here from another date"),
    "repeat_event": _("Made a series"),
    "limit_series": _("Changed how many dates one person may have"),
    "word_consent": _("Changed the words of a consent"),
    "create_question": _("Added a question to the library"),
    "edit_question": _("Changed a question"),
    "archive_question": _("Archived a question"),
    "restore_question": _("Took a question out of the archive"),
    "add_event_question": _("Lets the sign-up form ask one more question"),
    "set_event_question": _("Changed how a question is asked"),
    "move_event_question": _("Put questions in another order"),
    "remove_event_question": _("Took a question off the sign-up form"),
    "change_answers": _("Changed answers"),
    "delete_answers": _("Deleted answers whose time was over"),
    "change_consents": _("Gave or withdrew consents"),
    "choose_sessions": _("Chose other sessions"),
    "join_waiting_list": _("Joined the waiting list"),
    "promote": _("Moved up from the waiting list"),
    "offer_seat": _("Was offered a free seat"),
    "accept_offer": _("Took the offered seat"),
    "decline_offer": _("Left the offered seat to the next person"),
    "expire_offer": _("Ended an offer without an answer"),
    "add_partner": _("Added a partner"),
    "edit_partner": _("Changed a partner"),
    "remove_partner": _("Removed a partner"),
    "renew_partner_link": _("Made a new link for a partner’s guests"),
    "renew_partner_page": _("Made a new address for a partner’s page"),
    "release_kept_seats": _("Gave the seats kept for a partner to everybody"),
    "delete_draft": _("Deleted a draft"),
    "unpublish_event": _("Made the event a draft again"),
}
ANSWERS = {"comes": _("yes"), "cannot": _("no"), "told": _("was told"), "no_answer": _("no answer")}
ACTORS = {
    "participant": _("Participant"),
    "device": _("Phone at the door"),
    "system": _("Lectern itself"),
    "command": _("Command line"),
    "user": _("Former user"),
}
CHANGES = {
    "time": _("time"),
    "place": _("place"),
    "modes": _("ways of coming"),
    "title": _("title"),
    "text": _("text"),
    "seats": _("seats"),
    "sign_up": _("sign-up"),
    "room": _("online room"),
    "other": _("details"),
}


def deed_words(action: str, details: Mapping[str, Any]) -> str:
    """A deed with what it came to, where that was recorded: the way of coming."""
    words = str(DEEDS.get(action, action))
    if details.get("answer") in ANSWERS:
        return f"{words}: {ANSWERS[details['answer']]}"
    way = details.get("way")
    return f"{words}: {way_label(Way.of_code(way))}" if way else words
