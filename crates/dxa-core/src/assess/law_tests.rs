//! law_tests
