//! case_tests
