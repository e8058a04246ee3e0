"""Feed contracts (ODCS) and their compilers: DDL, SQL predicates, dbt sources, documentation."""

from ciq.contracts.model import Column, Contract, ContractSet, RecordType, Rule
from ciq.contracts.reading import load_contracts

__all__ = ["Column", "Contract", "ContractSet", "RecordType", "Rule", "load_contracts"]
