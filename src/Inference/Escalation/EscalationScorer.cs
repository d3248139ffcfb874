using EdgeAssist.Contracts;
using EdgeAssist.Inference.Sentiment;

namespace EdgeAssist.Inference.Escalation;

/// <summary>Scores calls with one text model and one set of numbers.</summary>
internal sealed class EscalationScorer(ITextSentiment sentiment, EscalationOptions options) : IEscalationScorer
{
    public ICallEscalation Begin(CallInfo call) => new CallEscalation(call, sentiment, options);
}
