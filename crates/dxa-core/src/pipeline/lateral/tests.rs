//! Corrections of vertebrae, refusals, findings.
