"""Under which rules a delivery is judged: today's, or, after a decision, those of the verdict that was decided on."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

import psycopg

from ciq.contracts import Contract, ContractSet
from ciq.contracts.reading import parse_contract
from ciq.errors import LoadError, Place
from ciq.landing.journal import kept_texts, read_text
from ciq.ledger.reference import codes_hash
from ciq.loading.claim import Delivery
from ciq.settings import Settings

JUDGE_VERSION = "3"
"""Part of the rules' hash: raised when the loader itself judges differently."""

NO_CONTRACT = "no contract"
"""Stands for the rules' hash where no contract is in force."""


class RulesGoneError(LoadError):
    """The rules that a verdict was given under cannot be had any more."""


def rules_hash(contract_sha256: str, codes: str) -> str:
    """What a verdict depends on beside the delivery and the decisions: contract text, code lists, this judge."""
    return hashlib.sha256(f"{contract_sha256}|{codes}|{JUDGE_VERSION}".encode()).hexdigest()


@dataclass(frozen=True, kw_only=True)
class Rulebook:
    """The contracts and code lists of today, and the contract texts that were ever used."""

    settings: Settings
    contracts: ContractSet
    codes: str

    def hash_of(self, contract: Contract | None) -> str:
        """The rules' hash under this contract and today's code lists."""
        return rules_hash(contract.text_sha256, self.codes) if contract else NO_CONTRACT

    def contract_for(self, delivery: Delivery, *, again: bool) -> Contract | None:
        """The contract to judge by: the one effective at the business date for a delivery that has no verdict, or that
        is judged `again`; else that of its verdict. None: no contract is in force.

        Raises RulesGoneError when the verdict's rules cannot be reproduced.
        """
        if again or delivery.judged_rules is None:
            return self.contracts.effective(delivery.feed_code, delivery.business_date)
        place = Place(
            feed=delivery.feed_code,
            branch=delivery.org_code,
            business_date=delivery.business_date,
            file=delivery.data_name,
        )
        return self.contract_of(delivery.judged_rules, delivery.feed_code, place)

    def contract_of(self, judged_rules: str, feed_code: str, place: Place) -> Contract | None:
        """The contract that a verdict was given under. Raises RulesGoneError when it, or the code lists, are gone."""
        if judged_rules == NO_CONTRACT:
            return None
        for contract in self.contracts.contracts:
            if contract.feed_code == feed_code and self.hash_of(contract) == judged_rules:
                return contract
        for sha256 in kept_texts(self.settings):
            if rules_hash(sha256, self.codes) == judged_rules:
                text = read_text(self.settings, sha256)
                if text is not None:
                    return parse_contract(text, name=f"journal text {sha256[:12]}")
        raise RulesGoneError(
            "The rules of its verdict are no longer to be had: code lists, or the loader, have changed since"
            " 原判定所依据的规则已无法重现",
            place=place,
            advice="Judge it under today's rules first: `ciq load --again REASON` with its date and feed; then decide.",
        )


def read_rulebook(settings: Settings, connection: psycopg.Connection, contracts: ContractSet) -> Rulebook:
    """Today's rules."""
    return Rulebook(settings=settings, contracts=contracts, codes=codes_hash(connection))


def check_reproducible(rulebook: Rulebook, connection: psycopg.Connection, delivery_id: int) -> None:
    """Ask before a decision is written down. Raises RulesGoneError when it could not take effect."""
    row = connection.execute(
        "select v.rules_hash, d.feed_code, d.org_code, d.business_date, d.data_name from audit.delivery_verdict v"
        " join audit.delivery d using (delivery_id) where delivery_id = %s",
        (delivery_id,),
    ).fetchone()
    if row is not None:
        place = Place(feed=row[1], branch=row[2], business_date=row[3], file=row[4])
        rulebook.contract_of(row[0], row[1], place)


@dataclass(frozen=True)
class Group:
    """Deliveries of one feed that are judged together, under one contract (None: there is none in force)."""

    contract: Contract | None
    rules_hash: str
    deliveries: Sequence[Delivery]


def grouped(
    rulebook: Rulebook, deliveries: Sequence[Delivery], *, again: bool, most: int, errors: list[str]
) -> Iterator[Group]:
    """Groups of at most `most` deliveries; what cannot be judged is said in `errors`, and stops no other."""
    known: list[tuple[Delivery, Contract | None]] = []
    for delivery in deliveries:
        try:
            known.append((delivery, rulebook.contract_for(delivery, again=again)))
        except RulesGoneError as error:
            errors.append(str(error))

    def same(item: tuple[Delivery, Contract | None]) -> tuple[str, str]:
        return item[0].feed_code, rulebook.hash_of(item[1])

    for (_, hash_), members in groupby(known, key=same):
        items = list(members)
        for start in range(0, len(items), most):
            part = items[start : start + most]
            yield Group(part[0][1], hash_, [delivery for delivery, _ in part])
