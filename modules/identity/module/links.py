"""Mailed links: asked for, sent, opened."""

from __future__ import annotations

from dependency_injector.providers import Factory, Singleton

from modules.identity.adapters import sql
from modules.identity.adapters.tokens import DerivedLinkTokens
from modules.identity.application import link_mails, recovery
from modules.identity.application.links import AskForLink, OpenLink
from modules.identity.module.core import Core


class Links(Core):
    ask_for_link = Factory(
        AskForLink,
        begin=Core.begin.provider,
        clock=Core.clock,
        emails=Core.emails,
        throttle=Core.throttle,
    )
    open_link = Factory(
        OpenLink,
        begin=Core.begin.provider,
        clock=Core.clock,
        audit=Core.trail,
        records=Singleton(sql.SqlLinkRecords, Core.database),
    )
    verify_address = Factory(
        recovery.VerifyAddress, open_link=open_link, clock=Core.clock, throttle=Core.throttle
    )
    reset_password = Factory(
        recovery.ResetPassword,
        open_link=open_link,
        clock=Core.clock,
        passwords=Core.passwords,
        policy=Core.password_policy,
        throttle=Core.throttle,
    )
    confirm_address = Factory(
        recovery.ConfirmAddress, open_link=open_link, clock=Core.clock, throttle=Core.throttle
    )
    undo_address_change = Factory(
        recovery.UndoAddressChange, open_link=open_link, clock=Core.clock, throttle=Core.throttle
    )

    link_post = Factory(
        link_mails.LinkPost,
        begin=Core.begin.provider,
        clock=Core.clock,
        tokens=Singleton(DerivedLinkTokens, Core.secret_keys),
        postman=Core.postman,
    )
    send_verification = Factory(link_mails.SendVerification, queries=Core.queries, post=link_post)
    send_reset_link = Factory(link_mails.SendResetLink, queries=Core.queries, post=link_post)
    answer_repeated_registration = Factory(
        link_mails.AnswerRepeatedRegistration, queries=Core.queries, post=link_post
    )
    send_address_confirmation = Factory(
        link_mails.SendAddressConfirmation,
        queries=Core.queries,
        emails=Core.emails,
        post=link_post,
    )
    tell_former_address = Factory(link_mails.TellFormerAddress, emails=Core.emails, post=link_post)
