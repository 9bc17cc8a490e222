"""Great Expectations on PostgreSQL: a suite for each table, one checkpoint, and how many rows each finds."""

import json
import os

import great_expectations as gx
import great_expectations.expectations as gxe

COPIES = (
    "SELECT * FROM (SELECT *, count(*) OVER (PARTITION BY code) AS copies FROM {batch}) AS counted "
    "WHERE code IS NOT NULL AND copies > 1"
)
SEVERAS_OWN = "system = 'severa' AND of_system = 'severa'"
# table -> rule -> the rows that break it
RULES = {
    "checks.pairs": {
        "customers/ambiguous_match": "open AND choices > 1 OR by_shared_id",
        "customers/code_mismatch": "open AND choices = 1 AND severa_code IS NOT NULL",
        "customers/code_missing": "open AND choices = 1 AND severa_code IS NULL",
        "customers/code_conflict": "codes_equal AND NOT same AND NOT alike",
        "customers/name_differs": "codes_equal AND (same OR alike) AND NOT names_equal",
        "customers/same_name_other_id": "live AND names_equal AND contradict "
        "AND NOT codes_equal AND NOT (business_linked AND severa_linked)",
        "customers/inactive_twin": "NOT excluded AND NOT active AND same AND NOT codes_equal "
        "AND NOT business_linked",
        "customers/excluded_but_in_severa": "excluded AND active AND same",
    },
    "checks.business_customers": {"customers/code_duplicate": COPIES},
    "checks.severa_customers": {
        "customers/code_duplicate": COPIES,
        "customers/code_absent": "active AND code IS NULL "
        "AND id NOT IN (SELECT severa FROM checks.pairs WHERE same)",
        "customers/name_too_long": "active AND length(trim(name)) > 80",
    },
    "checks.series_pairs": {
        "customer_numbering/series_overlap": "kind = 'customers' AND shared_first <= shared_last",
        "invoice_numbering/series_overlap": "kind = 'invoices' AND shared_first <= shared_last",
    },
    "checks.numbers_in_series": {
        "customer_numbering/number_in_other_series": "kind = 'customers' AND system <> of_system "
        "AND without_partner",
        "invoice_numbering/number_in_other_series": "kind = 'invoices' AND system <> of_system",
        "customer_numbering/next_number_taken": "SELECT min(number) AS lowest FROM {batch} "
        f"WHERE kind = 'customers' AND {SEVERAS_OWN} HAVING count(*) > 0",
        "invoice_numbering/next_number_taken": "SELECT min(number) AS lowest FROM {batch} "
        f"WHERE kind = 'invoices' AND {SEVERAS_OWN} HAVING count(*) > 0",
    },
    "severa.invoices": {
        "invoice_numbering/number_duplicate": "SELECT number FROM {batch} WHERE number > 0 "
        "GROUP BY number HAVING count(*) > 1",
    },
}

context = gx.get_context(mode="ephemeral")
source = context.data_sources.add_postgres("warehouse", connection_string=os.environ["POSTGRES_URL"])
definitions = []
for table, rules in RULES.items():
    schema, name = table.split(".")
    asset = source.add_table_asset(table, table_name=name, schema_name=schema)
    batch = asset.add_batch_definition_whole_table("whole")
    suite = context.suites.add(gx.ExpectationSuite(name=table))
    for rule, failing in rules.items():
        query = failing if failing.startswith("SELECT") else f"SELECT * FROM {{batch}} WHERE {failing}"
        suite.add_expectation(gxe.UnexpectedRowsExpectation(unexpected_rows_query=query, meta={"rule": rule}))
    definition = gx.ValidationDefinition(name=table, data=batch, suite=suite)
    definitions.append(context.validation_definitions.add(definition))
checkpoint = context.checkpoints.add(gx.Checkpoint(name="start", validation_definitions=definitions))
counts: dict[str, int] = {}
for result in checkpoint.run().run_results.values():
    for each in result.results:
        if each.exception_info.get("raised_exception") is not False:
            raise SystemExit(f"{each.expectation_config.meta} could not be checked: {each.exception_info}")
        rule = each.expectation_config.meta["rule"]
        counts[rule] = counts.get(rule, 0) + each.result["observed_value"]
print("findings:", json.dumps(counts))
