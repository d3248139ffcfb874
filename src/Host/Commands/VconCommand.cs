using System.CommandLine;
using EdgeAssist.AlertRelay.Baseline;
using EdgeAssist.AlertRelay.Export;
using EdgeAssist.AlertRelay.Journal;
using EdgeAssist.AlertRelay.Journal.Sqlite;
using EdgeAssist.AlertRelay.Policy;
using EdgeAssist.Host.Terminal;

namespace EdgeAssist.Host.Commands;

/// <summary><c>edgeassist vcon</c>: a call as a vCon, signed if a key is given. Who exported what is audited.</summary>
internal static class VconCommand
{
    public static Command Create(Option<string?> config)
    {
        var call = new Argument<string>("call") { Description = "The call's id." };
        var output = new Option<string?>("--out") { Description = "File; default: the terminal." };
        var key = new Option<string?>("--key") { Description = "PEM file with an RSA or EC private key, and its certificates: sign (JWS)." };
        var personal = new Option<bool>("--personal") { Description = "With the parties' numbers, addresses and names." };
        var command = new Command("vcon", "Write a call that ended as a vCon (draft-ietf-vcon-vcon-core): parties, times, redacted words, scores.") { call, output, key, personal };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var (id, data) = (parsed.GetRequiredValue(call), PastCalls.DataDirectoryOf(parsed, config));
            try
            {
                var document = VconDocument.ToJson(await FindAsync(data, id, cancellationToken), parsed.GetValue(personal));
                if (parsed.GetValue(key) is { } file) document = VconSignature.Sign(document, await File.ReadAllTextAsync(file, cancellationToken));
                using (var audit = AuditLog.Open(data, TimeProvider.System))
                {
                    audit.Add(new AuditAct("command line: " + Environment.UserName, "export.vcon")
                    {
                        CallId = id,
                        Detail = (parsed.GetValue(personal) ? "with personal data" : "without personal data") + (parsed.GetValue(key) is null ? "" : ", signed"),
                    });
                }

                if (parsed.GetValue(output) is { } target) await File.WriteAllTextAsync(target, document, cancellationToken);
                else Console.Write(document);
                return 0;
            }
            catch (Exception refused) when (refused is InvalidDataException or IOException or UnauthorizedAccessException or JournalException)
            {
                throw new UserError(refused.Message, refused);
            }
        });
        return command;
    }

    private static async Task<ObservedCall> FindAsync(string data, string id, CancellationToken cancellationToken)
    {
        using var journal = JournalFile.Open(data);
        return ObservedCalls.Of(await journal.ReadCallAsync(id, cancellationToken), journal.Epoch)
            ?? throw new UserError($"There is no call {id} in {data} that has ended. edgeassist watch prints ids.");
    }
}
