// Generated from test-results.json by `UPDATE_GENERATED=1 cargo test --test integration corpus`; do not edit.

use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Root {
    #[serde(rename = "numFailedTests")]
    pub num_failed_tests: u8,
    #[serde(rename = "numPassedTests")]
    pub num_passed_tests: u8,
    pub success: bool,
    #[serde(rename = "startTime")]
    pub start_time: u64,
    #[serde(rename = "testResults")]
    pub test_results: Vec<TestResult>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TestResult {
    pub name: String,
    pub status: String,
    #[serde(rename = "startTime")]
    pub start_time: u64,
    #[serde(rename = "endTime")]
    pub end_time: u64,
    pub message: String,
    #[serde(rename = "assertionResults")]
    pub assertion_results: Vec<AssertionResult>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AssertionResult {
    #[serde(rename = "ancestorTitles")]
    pub ancestor_titles: Vec<String>,
    pub title: String,
    pub duration: Option<u8>,
    pub status: String,
    #[serde(rename = "failureMessages")]
    pub failure_messages: Vec<()>,
    pub location: (),
}
