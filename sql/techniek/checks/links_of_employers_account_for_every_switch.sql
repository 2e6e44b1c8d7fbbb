-- stop: those who moved between two employers, linked or not, are the raw
-- switches, and those of each rule are those that it takes away.
with moves as (
    select
        from_year,
        rule_code,
        person_count
    from out.employer_link_summary
),

moved as (
    select
        from_year,
        sum(person_count) as person_count,
        sum(case rule_code when 'event' then person_count else 0 end) as event_count,
        sum(case rule_code when 'link' then person_count else 0 end) as link_count,
        sum(case rule_code when 'relabel' then person_count else 0 end)
            as relabel_count,
        sum(case rule_code when 'takeover' then person_count else 0 end)
            as takeover_count,
        sum(case rule_code when 'spin_off' then person_count else 0 end)
            as spin_off_count
    from moves
    group by from_year
),

switches as (
    select
        from_year,
        sum(raw_switch_count) as raw_switch_count,
        sum(event_count) as event_count,
        sum(link_count) as link_count,
        sum(relabel_count) as relabel_count,
        sum(takeover_count) as takeover_count,
        sum(spin_off_count) as spin_off_count
    from out.employer_switches
    group by from_year
)

select coalesce(moved.from_year, switches.from_year) as from_year
from moved
full join switches
    on moved.from_year = switches.from_year
where
    moved.from_year is null
    or switches.from_year is null
    or moved.person_count <> switches.raw_switch_count
    or moved.event_count <> switches.event_count
    or moved.link_count <> switches.link_count
    or moved.relabel_count <> switches.relabel_count
    or moved.takeover_count <> switches.takeover_count
    or moved.spin_off_count <> switches.spin_off_count
