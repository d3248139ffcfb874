namespace EdgeAssist.MediaGateway.Rtcp;

/// <summary>
/// Listening quality out of loss and delay by the E-model (ITU-T G.107) in its usual short form: everything about terminals
/// and the room at its default, so that R₀ − Iₛ = 93.2; delay by the fit of Cole and Rosenbluth (2001); loss by G.107 (7-29) with
/// random loss. An estimate for alarms and comparison, not a measurement of speech.
/// </summary>
internal static class VoiceQuality
{
    private const double Default = 93.2;

    /// <summary>G.113 table I.1: G.711 with concealment in the manner of its appendix I. Other codecs here are at least as good.</summary>
    private const double Robustness = 25.1;

    /// <summary>The rating factor R, 0…93.2.</summary>
    /// <param name="loss">Share of packets not heard, 0…1.</param>
    /// <param name="delay">Mouth to ear.</param>
    public static double Rating(double loss, TimeSpan delay)
    {
        var milliseconds = Math.Max(0, delay.TotalMilliseconds);
        var delayImpairment = 0.024 * milliseconds + 0.11 * Math.Max(0, milliseconds - 177.3);
        var percent = 100 * Math.Clamp(loss, 0, 1);
        var lossImpairment = 95 * percent / (percent + Robustness);
        return Math.Clamp(Default - delayImpairment - lossImpairment, 0, Default);
    }

    /// <summary>Mean opinion score of a rating (G.107 annex B), 1…4.41.</summary>
    public static double Mos(double rating) => rating <= 0 ? 1 : Math.Max(1, 1 + 0.035 * rating + rating * (rating - 60) * (100 - rating) * 7e-6);
}
