"""What each command does, in order: `run_nights`, `backfill`, `regenerate`, `withdraw`, `rebuild`. Sequencing only.

A night: `night.plan_day` reads the day's list and decides what is to do; `night.execute_days` has `calls.summarise_all`
write the summaries, each call recorded in the ledger, and puts them into the digest, its record and the ledger.
Everything foreign is a parameter: sources, model, clock, folders. Nothing here prints or exits, and decisions are made
further down. `judging` has printed entries read and writes only the ledger; `deliver` needs an extra.
"""
