"""Intake: what residents and partners report, triaged at the desk, referred, answered, and followed by the one who reported.

Nouns: report (what somebody told us, at a place), photo (re-encoded, without metadata), supplement (a sentence added later), referral
(one sending of a report to one of the 7+1 bodies), advice (what the triage proposed, kept beside what a person chose), tracking
code (lets the reporter follow without an account; derived, never stored).
States of a report: new → accepted | referred | answered | merged | rejected; accepted and referred → answered → closed; anything
answered, closed or rejected can be reopened and is new again. States of a referral: sent → accepted | refused | recalled;
accepted → done. After two refusals the commander rules where it goes, and that sending cannot be refused.
Neighbours: calls dispatch (open an incident), vault (seal the contact), people (destinations, messages), grid (cell, place).
It hears from dispatch what became of an incident and tells the reporter. The words of a report are personal: never in events or logs.
"""
