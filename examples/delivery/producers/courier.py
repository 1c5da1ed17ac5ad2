"""Reports the position of a courier once a second: python3 producers/courier.py <courier> <topic ARN>"""

import json
import sys
import time

import boto3

courier, topic_arn = sys.argv[1:]
sns = boto3.client("sns", region_name=topic_arn.split(":")[3])
for step in range(60):
    position = {"latitude": 48.8566 + step / 10_000, "longitude": 2.3522}
    event = {"channel": "courier", "keys": [courier], "data": position}
    sns.publish(TopicArn=topic_arn, Message=json.dumps(event))
    time.sleep(1)
