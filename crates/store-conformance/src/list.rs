//! The list of tests.

/// Makes the suite's tests of an engine, in modules. The attributes go on each test: `conformance!(crate::Sqlite, [])`.
#[macro_export]
macro_rules! conformance {
    ($engine:ty, $attributes:tt) => {
        $crate::conformance_modules! {
            $engine, $attributes,
            dedup {
                a_batch_sent_again_is_all_duplicates_days_later_and_after_reopening
                ids_are_forgotten_after_the_window_and_only_then
                a_clock_that_jumps_ahead_forgets_nothing
                the_same_id_in_two_scopes_is_two_events
                the_first_of_a_repeated_id_in_one_append_wins
            }
            lifecycle {
                nothing_is_appended_to_a_closed_store
                a_query_over_its_time_is_cancelled
                readers_and_the_writer_do_not_wait_for_each_other
                a_scan_gives_every_event_in_order_and_ends_when_told
                pages_of_a_run_begin_anywhere_and_add_up_to_the_run
                an_event_is_found_by_its_id_whatever_became_of_the_ids_of_its_day
            }
            pages {
                newest_first_neither_repeats_nor_skips_while_events_arrive
                a_follower_sees_every_event_once
            }
            projections {
                rows_are_replaced_deleted_and_survive_reopening
                cold_rows_are_read_one_by_one_and_not_loaded
            }
            retention {
                a_day_goes_when_all_its_scopes_are_over
                the_newest_day_goes_too_and_numbers_go_on
                days_whose_ids_are_known_stay
                a_scope_that_is_over_leaves_a_day_that_others_keep
                what_is_erased_goes_whatever_its_age_and_others_keep_their_ids
            }
            search {
                a_text_is_found_in_any_script_form_and_case
                two_hundred_characters_are_found_whatever_their_bytes
            }
            versus_model {
                every_query_equals_the_list
            }
        }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! conformance_modules {
    ($engine:ty, $attributes:tt, $($module:ident { $($test:ident)* })*) => {
        $(mod $module { $($crate::conformance_test! { $engine, $attributes, $module, $test })* })*
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! conformance_test {
    ($engine:ty, [$($attribute:meta),*], $module:ident, $test:ident) => {
        #[test]
        $(#[$attribute])*
        fn $test() {
            $crate::$module::$test::<$engine>();
        }
    };
}
