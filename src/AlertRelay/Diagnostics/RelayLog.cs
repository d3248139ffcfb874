using Microsoft.Extensions.Logging;

namespace EdgeAssist.AlertRelay.Diagnostics;

/// <summary>What the relay logs (5xxx). Ids and counts; never a name, a number or a word that was said.</summary>
internal static partial class RelayLog
{
    [LoggerMessage(5001, LogLevel.Information, "Journal of epoch {Epoch} open: offsets {Oldest} to {Head}.")]
    public static partial void JournalOpen(ILogger logger, string epoch, long oldest, long head);

    [LoggerMessage(5002, LogLevel.Error, "{Damage}")]
    public static partial void JournalDamaged(ILogger logger, string damage);

    [LoggerMessage(5003, LogLevel.Warning, "{Count} calls were live when the relay last stopped; they were ended as lost.")]
    public static partial void LostCallsClosed(ILogger logger, int count);

    [LoggerMessage(5004, LogLevel.Error, "The journal took nothing: {Why}")]
    public static partial void AppendRefused(ILogger logger, string why);

    [LoggerMessage(5005, LogLevel.Information, "The journal takes records again.")]
    public static partial void AppendResumed(ILogger logger);

    [LoggerMessage(5006, LogLevel.Information, "{Count} records past their retention were forgotten; the oldest is {Oldest} now.")]
    public static partial void Trimmed(ILogger logger, long count, long oldest);

    [LoggerMessage(5007, LogLevel.Error, "The relay's writer failed on a batch, which was dropped.")]
    public static partial void WriterFailed(ILogger logger, Exception error);

    [LoggerMessage(5008, LogLevel.Error, "{Why} The rota that was in force stays so.")]
    public static partial void RotaBad(ILogger logger, string why);

    [LoggerMessage(5009, LogLevel.Error, "A switch of a team's mode is in force and not in the audit log yet: {Why}")]
    public static partial void AuditRefused(ILogger logger, string why);

    [LoggerMessage(5040, LogLevel.Error, "{Problem} What is in order stays in force.")]
    public static partial void PlaybookBad(ILogger logger, string problem);

    [LoggerMessage(5041, LogLevel.Warning, "Agents may be asked for more attention than the defaults allow: {Most} prompts a call, {Gap} apart, from a risk of {Floor}.")]
    public static partial void BudgetLoosened(ILogger logger, int most, TimeSpan gap, double floor);

    [LoggerMessage(5050, LogLevel.Warning, "The link to gateway '{Gateway}' for supervisors was lost and is tried again: {Why}")]
    public static partial void GatewayLost(ILogger logger, string gateway, string why);

    [LoggerMessage(5060, LogLevel.Error, "{Why}")]
    public static partial void RolloutBad(ILogger logger, string why);

    [LoggerMessage(5061, LogLevel.Warning, "Plan {Plan}, team {Team}: {What}.")]
    public static partial void RolloutDeviation(ILogger logger, string plan, string team, string what);

    [LoggerMessage(5010, LogLevel.Debug, "Stream {Stream} of {Service} open at offset {Offset}.")]
    public static partial void StreamOpen(ILogger logger, string stream, string service, long offset);

    [LoggerMessage(5011, LogLevel.Information, "Stream {Stream} of {Service} ended by the relay: {Reason}.")]
    public static partial void StreamCut(ILogger logger, string stream, string service, string reason);

    [LoggerMessage(5030, LogLevel.Error, "EdgeAssist is blind ({Missing}). {Sentence}")]
    public static partial void Blind(ILogger logger, string missing, string sentence);

    [LoggerMessage(5031, LogLevel.Information, "EdgeAssist sees again.")]
    public static partial void SeesAgain(ILogger logger);

    [LoggerMessage(5020, LogLevel.Information, "A new key was made in {File}.")]
    public static partial void KeyMade(ILogger logger, string file);

    [LoggerMessage(5040, LogLevel.Information, "There is no browser console in {Folder}: none is served.")]
    public static partial void NoConsole(ILogger logger, string folder);

    [LoggerMessage(5060, LogLevel.Warning, "Measures wait for the journal: {Why}")]
    public static partial void MeasuresBehind(ILogger logger, string why);

    [LoggerMessage(5061, LogLevel.Error, "Measures failed and are tried again")]
    public static partial void MeasuresFailed(ILogger logger, Exception error);

    [LoggerMessage(5062, LogLevel.Information, "{Count} calls are past the measures' retention and forgotten")]
    public static partial void MeasuresForgotten(ILogger logger, int count);

    [LoggerMessage(5063, LogLevel.Information, "Report {Name} is due and was made")]
    public static partial void ReportMade(ILogger logger, string name);
}
