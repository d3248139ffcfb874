using EdgeAssist.Contracts;
using EdgeAssist.Inference.Features;
using EdgeAssist.Inference.Sentiment;

namespace EdgeAssist.Inference.Escalation;

/// <summary>Scores calls with one text model, one arousal model and one set of numbers.</summary>
internal sealed class EscalationScorer(ITextSentiment sentiment, IArousalModel arousal, EscalationOptions options) : IEscalationScorer
{
    public ICallEscalation Begin(CallInfo call) => new CallEscalation(call, sentiment, arousal, options);
}
