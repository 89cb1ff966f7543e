"""Passkeys: added and removed, and what they prove."""

from __future__ import annotations

from dependency_injector.providers import Factory, Singleton

from modules.identity.adapters import sql
from modules.identity.adapters.passkeys import CeremoniesOnFirstUse, RelyingParty
from modules.identity.application.passkey_challenges import PasskeyChallenges
from modules.identity.application.passkey_use import (
    AskPasskey,
    FinishWithPasskey,
    ProvePasskey,
    SignInWithPasskey,
)
from modules.identity.application.passkeys import ForgetPasskeys, PasskeyService
from modules.identity.module.second_factors import SecondFactors


class Passkeys(SecondFactors):
    ceremonies = Singleton(
        CeremoniesOnFirstUse,
        Factory(
            RelyingParty,
            id=SecondFactors.settings.provided.relying_party_id,
            name=SecondFactors.settings.provided.mail_service,
            origins=SecondFactors.settings.provided.relying_party_origins,
        ),
    )
    challenges = Factory(
        PasskeyChallenges,
        begin=SecondFactors.begin.provider,
        clock=SecondFactors.clock,
        audit=SecondFactors.trail,
        ceremonies=ceremonies,
    )
    prove_passkey = Factory(
        ProvePasskey,
        begin=SecondFactors.begin.provider,
        clock=SecondFactors.clock,
        ceremonies=ceremonies,
        challenges=challenges,
    )
    ask_passkey = Factory(
        AskPasskey,
        begin=SecondFactors.begin.provider,
        ceremonies=ceremonies,
        challenges=challenges,
        throttle=SecondFactors.throttle,
        finish=SecondFactors.finish_sign_in,
    )
    sign_in_with_passkey = Factory(
        SignInWithPasskey,
        begin=SecondFactors.begin.provider,
        prove=prove_passkey,
        admission=SecondFactors.admission,
        throttle=SecondFactors.throttle,
    )
    finish_with_passkey = Factory(
        FinishWithPasskey,
        prove=prove_passkey,
        finish=SecondFactors.finish_sign_in,
        reauthenticate=SecondFactors.reauthenticate,
        throttle=SecondFactors.throttle,
    )
    passkeys = Factory(
        PasskeyService,
        begin=SecondFactors.begin.provider,
        clock=SecondFactors.clock,
        ceremonies=ceremonies,
        challenges=challenges,
        protection=SecondFactors.protection,
        throttle=SecondFactors.throttle,
    )
    forget_passkeys = Factory(ForgetPasskeys, begin=SecondFactors.begin.provider)
    passkey_queries = Singleton(sql.SqlPasskeyQueries, SecondFactors.database)
