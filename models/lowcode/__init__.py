"""The metadata an administrator draws: funnels, stages, gates, playbooks, rules."""
