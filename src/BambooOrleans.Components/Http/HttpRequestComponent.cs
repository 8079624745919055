namespace BambooOrleans.Components.BuiltIn;

/// <summary>Makes one HTTP request, bounded in time and bytes. Addresses that are not public are refused unless allowed.</summary>
/// <param name="options">What it may do; null for the defaults.</param>
[Component("http_request", Description = "Makes an HTTP request.")]
public sealed class HttpRequestComponent(HttpComponentOptions? options = null) : BuiltInComponent
{
    private readonly HttpComponentOptions _options = options ?? new HttpComponentOptions();

    /// <inheritdoc/>
    public override TimeSpan? TimeLimit => _options.TimeLimitMax + TimeSpan.FromMinutes(1);

    /// <inheritdoc/>
    public override IReadOnlyList<FieldDeclaration> Inputs { get; } =
    [
        new("url", "text", true, "Where to, with http:// or https://."),
        new("method", "text", false, "GET where it is left out."),
        new("headers", "map", false, "Headers by name."),
        new("body", "any", false, "Text is sent as it is, anything else as JSON."),
        new("timeout_seconds", "float", false, "How long it may take, in seconds; 30 where it is left out."),
        new("response_bytes_max", "int", false, "The largest response, in bytes; never above the engine's own limit."),
        new("accept_any_status", "bool", false, "Whether a status that is not 2xx is a success too."),
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<FieldDeclaration> Outputs { get; } =
    [
        new("status_code", "int", true, "The status."),
        new("headers", "map", true, "The response's headers by name in lower case."),
        new("body", "text", true, "The response's body."),
        new("json", "any", true, "The body read as JSON; null where it is none."),
    ];

    /// <inheritdoc/>
    protected override async Task<ComponentResult> RunAsync(ComponentContext context, CancellationToken cancellationToken)
    {
        HttpMethod method = Method(context.OptionalText("method") ?? "GET");
        bool isSuccess = await HttpCall.SendAsync(context, _options, method, cancellationToken).ConfigureAwait(false);
        return isSuccess || context.Flag("accept_any_status")
            ? ComponentResult.Ok
            : context.Fail($"{method} {context.RequiredText("url")} was answered with status {context.Outputs["status_code"].ToJson()}");
    }

    private static HttpMethod Method(string name)
    {
        try
        {
            return HttpMethod.Parse(name.ToUpperInvariant());
        }
        catch (FormatException)
        {
            throw new ComponentInputException("method", $"is none: \"{name}\"");
        }
    }
}
