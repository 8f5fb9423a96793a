# Resume the trail after the migration
aws cloudtrail start-logging --name org-trail
