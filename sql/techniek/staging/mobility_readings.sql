-- One row per reading of mobility and mobility code: whether that is leaving.
with code_list as (
    select
        reading,
        mobility_code,
        is_leaver
    from raw.mobility_readings
),

mobility_readings as (
    select
        reading,
        mobility_code,
        case when is_leaver = 'yes' then 1 else 0 end as leaver_count
    from code_list
)

select * from mobility_readings
order by reading nulls first, mobility_code nulls first
