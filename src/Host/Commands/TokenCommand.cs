using System.CommandLine;
using EdgeAssist.AlertRelay.Identity;
using EdgeAssist.Host.Composition;
using EdgeAssist.Host.Terminal;

namespace EdgeAssist.Host.Commands;

/// <summary><c>edgeassist token</c>: an access token, signed with the key in the data directory.</summary>
internal static class TokenCommand
{
    public static Command Create(Option<string?> config)
    {
        var role = new Option<string>("--role") { Description = "agent, supervisor, admin, or internal for a part of the appliance.", Required = true };
        var subject = new Option<string>("--subject") { Description = "Who it is for; for an agent, the user part of their SIP address.", Required = true };
        var teams = new Option<string[]>("--team") { Description = "A supervisor's team; repeat for several, * for all.", DefaultValueFactory = _ => [] };
        var personal = new Option<bool>("--personal") { Description = "May see the customer's number and names." };
        var days = new Option<double>("--days") { Description = "How long it is good for, up to 366.", DefaultValueFactory = _ => 30 };
        var command = new Command("token", "Print an access token for the gRPC streams.") { role, subject, teams, personal, days };
        command.SetAction(parsed =>
        {
            if (!Enum.TryParse<PrincipalRole>(parsed.GetRequiredValue(role), ignoreCase: true, out var known) || !Enum.IsDefined(known))
                throw new UserError($"--role {parsed.GetValue(role)}: there is no such role. Use agent, supervisor, admin or internal.");

            var principal = new Principal
            {
                Subject = parsed.GetRequiredValue(subject),
                Role = known,
                Teams = parsed.GetRequiredValue(teams),
                SeesPersonal = parsed.GetValue(personal),
            };
            var configuration = ApplianceConfiguration.Load(parsed.GetValue(config));
            try
            {
                var authority = TokenAuthority.Open(DataDirectory.Resolve(configuration["Data:Directory"]));
                Console.WriteLine(authority.Issue(principal, TimeSpan.FromDays(parsed.GetValue(days))));
                return 0;
            }
            catch (Exception refused) when (refused is ArgumentException or InvalidDataException or IOException or UnauthorizedAccessException)
            {
                throw new UserError(refused.Message, refused);
            }
        });
        return command;
    }
}
