"""OpenTelemetry's SDK: a span with the attributes of its GenAI conventions, batched, by OTLP over HTTP."""

from fields import COST, DURATION_MS, MODEL, NAME, PROMPT, RESPONSE, TOKENS_IN, TOKENS_OUT
from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

provider = None


def setup(url, holds=False):
    global provider
    provider = TracerProvider(resource=Resource.create({"service.name": "bench"}))
    processor = BatchSpanProcessor(
        OTLPSpanExporter(endpoint=f"{url}/v1/traces"),
        max_queue_size=1_000_000,
        schedule_delay_millis=3_600_000 if holds else 5000,
        max_export_batch_size=500_000 if holds else 512,
    )
    provider.add_span_processor(processor)
    tracer = trace.get_tracer("bench", tracer_provider=provider)

    def call(start=tracer.start_as_current_span):
        with start(
            NAME,
            attributes={
                "gen_ai.request.model": MODEL,
                "gen_ai.usage.input_tokens": TOKENS_IN,
                "gen_ai.usage.output_tokens": TOKENS_OUT,
                "cost": COST,
                "duration_ms": DURATION_MS,
                "prompt": PROMPT,
                "response": RESPONSE,
            },
        ):
            pass

    @tracer.start_as_current_span("step")
    def track():
        pass

    return call, track


def finish():
    provider.shutdown()
