//! comparison_tests
