using System.CommandLine;
using System.Globalization;
using System.Net;
using BambooOrleans.Server;
using BambooOrleans.Server.Security;
using BambooOrleans.Telemetry;
using Microsoft.Extensions.Logging;

namespace BambooOrleans.Cli.Serving;

/// <summary>The options of commands that listen.</summary>
internal static class ServerOptions
{
    private static readonly Option<string[]> Listen = new("--listen")
    {
        Description = "Where to listen: an address and a port. Beyond loopback only with --keys or --jwt-keys. May be given more than once.",
        HelpName = "ADDRESS:PORT",
        DefaultValueFactory = _ => [$"127.0.0.1:{BambooServerOptions.DefaultPort}"],
    };

    private static readonly Option<string?> Keys = new("--keys")
    {
        Description = "The file of API keys that bamboo key made.",
        HelpName = "FILE",
    };

    private static readonly Option<string?> JwtKeys = new("--jwt-keys")
    {
        Description = "The keys that sign JSON Web Tokens: a key set (JWKS), or PEM. Needs --jwt-issuer and --jwt-audience.",
        HelpName = "FILE",
    };

    private static readonly Option<string?> JwtIssuer = new("--jwt-issuer") { Description = "Who must have issued a token.", HelpName = "ISSUER" };

    private static readonly Option<string?> JwtAudience = new("--jwt-audience") { Description = "Whom a token must be for.", HelpName = "AUDIENCE" };

    private static readonly Option<string> JwtRoleClaim = new("--jwt-role-claim")
    {
        Description = "The claim of a token that has the role: viewer, operator or admin.",
        HelpName = "CLAIM",
        DefaultValueFactory = _ => "role",
    };

    private static readonly Option<string?> CallbackSecret = new("--callback-secret")
    {
        Description = "A file of at least 32 random bytes: outside systems can then call back with a token instead of a key.",
        HelpName = "FILE",
    };

    private static readonly Option<int> Rate = new("--rate")
    {
        Description = "How many requests a second each key, user or address may make.",
        HelpName = "N",
        DefaultValueFactory = _ => new BambooServerOptions().RequestsPerSecond,
    };

    private static readonly Option<long> BodyMax = new("--body-max")
    {
        Description = "The largest body of a request, in bytes.",
        HelpName = "BYTES",
        DefaultValueFactory = _ => new BambooServerOptions().BodyBytesMax,
    };

    private static readonly Option<string?> Otlp = new("--otlp")
    {
        Description = "The OpenTelemetry collector that gets spans and measurements; the variables OTEL_EXPORTER_OTLP_… say the same.",
        HelpName = "URL",
    };

    private static readonly Option<string?> OtlpProtocol = new("--otlp-protocol")
    {
        Description = "How it is spoken to: grpc, or http/protobuf, which is the default for port 4318.",
        HelpName = "PROTOCOL",
    };

    private static readonly Option<LogLevel> Level = new("--log-level")
    {
        Description = "The least that is logged to standard error: debug, information, warning, error, none.",
        HelpName = "LEVEL",
        DefaultValueFactory = _ => LogLevel.Warning,
    };

    private static readonly Option<bool> LogJson = new("--log-json") { Description = "Log one JSON object a line, with every field." };

    public static void AddListening(Command command)
    {
        foreach (Option option in new Option[] { Listen, Otlp, OtlpProtocol, Level, LogJson })
        {
            command.Options.Add(option);
        }
    }

    /// <summary>Where the command logs.</summary>
    public static ErrorLog Log(ParseResult command, CliTerminal terminal) =>
        new(terminal.Error, terminal.Time, command.GetValue(Level), command.GetValue(LogJson));

    /// <summary>The collector that the command line names; null for none.</summary>
    public static Uri? Collector(ParseResult command) => command.GetValue(Otlp) is not { } text ? null
        : Uri.TryCreate(text, UriKind.Absolute, out Uri? url) && url.Scheme is "http" or "https" ? url
        : throw new CliException("invalid-argument", $"--otlp must be an http or https URL such as http://localhost:4317, but is {text}", "--otlp");

    /// <summary>Starts to send spans and measurements, where a collector is named.</summary>
    public static OtlpExport? Export(ParseResult command)
    {
        string? protocol = command.GetValue(OtlpProtocol);
        if (protocol is not (null or "grpc" or "http/protobuf"))
        {
            throw new CliException("invalid-argument", $"--otlp-protocol must be grpc or http/protobuf, but is {protocol}", "--otlp-protocol");
        }

        return OtlpExport.Start(
            "bamboo",
            $"{Environment.MachineName}-{Environment.ProcessId.ToString(CultureInfo.InvariantCulture)}",
            Collector(command),
            protocol,
            ["Microsoft.AspNetCore"],
            ["Microsoft.AspNetCore.*"]);
    }

    public static void AddTo(Command command)
    {
        AddListening(command);
        foreach (Option option in new Option[] { Keys, JwtKeys, JwtIssuer, JwtAudience, JwtRoleClaim, CallbackSecret, Rate, BodyMax })
        {
            command.Options.Add(option);
        }
    }

    public static IReadOnlyList<IPEndPoint> Addresses(ParseResult command) => [.. command.GetValue(Listen)!.Select(Address)];

    public static BambooServerOptions Of(ParseResult command) => new()
    {
        Listen = Addresses(command),
        KeyFile = KeyFile(command.GetValue(Keys)),
        Jwt = Jwt(command),
        CallbackSecret = Secret(command.GetValue(CallbackSecret)),
        RequestsPerSecond = (int)Positive("--rate", command.GetValue(Rate)),
        BodyBytesMax = Positive("--body-max", command.GetValue(BodyMax)),
    };

    /// <summary>The file with the secret of callback tokens; null for none.</summary>
    public static string? SecretFile(ParseResult command) => command.GetValue(CallbackSecret);

    // A name that is mistyped would otherwise be a server without keys.
    private static string? KeyFile(string? file) => file is null || File.Exists(file)
        ? file
        : throw new CliException("file.unreadable", $"--keys {file} is not there; bamboo key add makes it", "--keys");

    private static JwtOptions? Jwt(ParseResult command)
    {
        (string? keys, string? issuer, string? audience) = (command.GetValue(JwtKeys), command.GetValue(JwtIssuer), command.GetValue(JwtAudience));
        return (keys, issuer, audience) switch
        {
            (null, null, null) => null,
            ({ }, { }, { }) => new JwtOptions { KeyFile = keys, Issuer = issuer, Audience = audience, RoleClaim = command.GetValue(JwtRoleClaim)! },
            _ => throw new CliException("command-line", "--jwt-keys, --jwt-issuer and --jwt-audience go together"),
        };
    }

    private static ReadOnlyMemory<byte>? Secret(string? file)
    {
        if (file is null)
        {
            return null;
        }

        try
        {
            return File.ReadAllBytes(file);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new CliException("file.unreadable", $"--callback-secret {file} cannot be read: {failure.Message}", "--callback-secret");
        }
    }

    private static long Positive(string option, long number) => number > 0
        ? number
        : throw new CliException("invalid-argument", string.Create(CultureInfo.InvariantCulture, $"{option} must be above 0, but is {number}"), option);

    private static IPEndPoint Address(string text)
    {
        string address = text.StartsWith("localhost:", StringComparison.Ordinal) ? $"127.0.0.1:{text["localhost:".Length..]}" : text;
        int colon = address.LastIndexOf(':');
        return colon > 0 && address[^1] != ']' && (address[0] == '[' || address.IndexOf(':', StringComparison.Ordinal) == colon)
            && IPEndPoint.TryParse(address, out IPEndPoint? at)
            ? at
            : throw new CliException(
                "invalid-argument", $"--listen must be an address and a port, such as 127.0.0.1:8420 or [::1]:8420, but is {text}", "--listen");
    }
}
