-- stop: the rule of the main job is one that is known.
select $main_job_rule as main_job_rule
where $main_job_rule not in ('wage', 'hours', 'tenure')
