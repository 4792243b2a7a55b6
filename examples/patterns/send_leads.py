"""Hands leads to the Celery worker of `celery_app`.

python send_leads.py 40        # lead-0 up to lead-39
python send_leads.py 45 40     # lead-40 up to lead-44
"""

import sys

from celery_app import process_lead

first = int(sys.argv[2]) if len(sys.argv) > 2 else 0
for number in range(first, int(sys.argv[1])):
    process_lead.delay(str(number))
