//! What a cluster of ClickHouse servers is asked. This engine has no keeper, so that nothing can be replicated on it: it says whether it understands.

use hiveboard_store_clickhouse::{ClickHouseOptions, statements};

use crate::{ask, options};

#[test]
#[ignore = "needs ClickHouse: make test-scale"]
fn every_statement_about_tables_of_a_cluster_is_understood() {
    let own = options();
    let of_cluster = ClickHouseOptions { cluster: Some("main".to_owned()), ..own.clone() };
    let (alone, many) = (statements(&own), statements(&of_cluster));
    assert_eq!(alone.len(), many.len());
    // Of the server itself, not of a database that nobody made.
    let server = ClickHouseOptions { database: "default".to_owned(), ..own };
    for statement in alone.iter().chain(&many) {
        let understood = ask(&server, &format!("EXPLAIN AST {statement}")).join("\n");
        assert!(understood.contains("Query"), "{statement}\n{understood}");
    }
    for statement in &many {
        assert!(statement.contains("ON CLUSTER 'main'"), "{statement}");
        let is_table = statement.starts_with("CREATE TABLE");
        assert_eq!(statement.contains("ENGINE = ReplicatedReplacingMergeTree"), is_table, "{statement}");
    }
}
