import boto3

trail = boto3.client("cloudtrail", region_name="us-east-1")
trail.stop_logging(Name="org-trail")
print(trail.get_trail_status(Name="org-trail")["IsLogging"])
